package dev.weir.transport.rsocket;

import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Decides which queued frame of a connection is written next. Stream 0 comes first, then urgent
 * frames: small ones (acknowledgements, credits, errors) of streams that have nothing else waiting.
 * Streams with data take turns. Order within a stream is kept, and among all that is
 * fire-and-forget. Not for concurrent use.
 *
 * <p>A busy stream of small frames does not starve the others: once its data waits, all its frames
 * wait behind it. Nor do many such streams: after {@link #URGENT_RUN_COST} a data frame is due.
 */
final class FrameLanes {
  /** Larger frames are data. */
  static final int URGENT_FRAME_COST = 2048;

  /** More than this of one stream is not urgent any more. */
  static final int URGENT_STREAM_COST = 32 * 1024;

  /** A stream's turn ends after this much. */
  static final int TURN_COST = 64 * 1024;

  /** After this much urgent in a row, one frame of data goes. */
  static final int URGENT_RUN_COST = 128 * 1024;

  private final Queue<QueuedFrame> streamZero = new ArrayDeque<>();
  private final Queue<QueuedFrame> urgent = new ArrayDeque<>();
  private final ArrayDeque<Lane> turns = new ArrayDeque<>();
  private final IntObjectMap<Lane> lanes = new IntObjectHashMap<>();
  private int urgentRun;

  private static final class Lane {
    final int number;
    final ArrayDeque<QueuedFrame> data = new ArrayDeque<>(2);
    int urgentCost;
    int turnCost;

    Lane(int number) {
      this.number = number;
    }
  }

  void add(QueuedFrame frame) {
    if (frame.lane() == 0) {
      streamZero.add(frame);
      return;
    }
    Lane lane = lanes.get(frame.lane());
    if (lane == null) {
      lane = new Lane(frame.lane());
      lanes.put(frame.lane(), lane);
    }
    if (lane.data.isEmpty()
        && frame.cost() <= URGENT_FRAME_COST
        && lane.urgentCost + frame.cost() <= URGENT_STREAM_COST) {
      lane.urgentCost += frame.cost();
      urgent.add(frame);
      return;
    }
    lane.data.add(frame);
    if (lane.data.size() == 1) {
      turns.addLast(lane);
    }
  }

  /** Takes the next frame, or null when nothing waits. */
  @Nullable QueuedFrame next() {
    QueuedFrame first = streamZero.poll();
    if (first != null) {
      return first;
    }
    if (urgentRun >= URGENT_RUN_COST) {
      urgentRun = 0;
      Lane due = pollWithoutUrgent();
      if (due != null) {
        return takeTurn(due);
      }
    }
    QueuedFrame small = urgent.poll();
    if (small != null) {
      takeUrgent(small);
      return small;
    }
    urgentRun = 0;
    Lane lane = turns.pollFirst();
    return lane == null ? null : takeTurn(lane);
  }

  /** Data of a stream must not overtake its own urgent frames. */
  private @Nullable Lane pollWithoutUrgent() {
    for (Iterator<Lane> each = turns.iterator(); each.hasNext(); ) {
      Lane lane = each.next();
      if (lane.urgentCost == 0) {
        each.remove();
        return lane;
      }
    }
    return null;
  }

  private void takeUrgent(QueuedFrame frame) {
    urgentRun += frame.cost();
    Lane lane = lanes.get(frame.lane());
    lane.urgentCost -= frame.cost();
    forgetIfEmpty(lane);
  }

  private QueuedFrame takeTurn(Lane lane) {
    QueuedFrame frame = lane.data.removeFirst();
    lane.turnCost += frame.cost();
    if (lane.data.isEmpty()) {
      lane.turnCost = 0;
      forgetIfEmpty(lane);
    } else if (lane.turnCost < TURN_COST) {
      turns.addFirst(lane);
    } else {
      lane.turnCost = 0;
      turns.addLast(lane);
    }
    return frame;
  }

  private void forgetIfEmpty(Lane lane) {
    if (lane.data.isEmpty() && lane.urgentCost == 0) {
      lanes.remove(lane.number);
    }
  }

  boolean isEmpty() {
    return streamZero.isEmpty() && urgent.isEmpty() && turns.isEmpty();
  }

  /** Hands every frame to the consumer and forgets it. */
  void clear(Consumer<QueuedFrame> dropped) {
    streamZero.forEach(dropped);
    streamZero.clear();
    urgent.forEach(dropped);
    urgent.clear();
    urgentRun = 0;
    for (Iterator<Lane> each = turns.iterator(); each.hasNext(); ) {
      each.next().data.forEach(dropped);
    }
    turns.clear();
    lanes.clear();
  }
}
