package dev.weir.client;

import dev.weir.core.loop.PartitionLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;

/**
 * Delivers what lanes have to one subscriber: they take turns, a frame each, as far as it asked.
 * Lanes come and go. Owned by its loop, which is also the thread that calls the subscriber.
 */
final class Delivery<T> implements Subscription {
  /** Who has made the delivery and decides about its end. In the loop. */
  interface Owner {
    /** The subscriber has asked for more; a delivery follows. */
    void onDemand();

    /** What there was has been delivered, or as much as was asked for. */
    void onDelivered();

    /** The subscriber has cancelled; again means nothing. */
    void onCancel();

    /** A lane's data cannot be read, or the subscriber has thrown. */
    void onBroken(RuntimeException reason);
  }

  private final PartitionLoop loop;
  private final CoreSubscriber<? super T> subscriber;
  private final Owner owner;
  private final AtomicLong requested = new AtomicLong();
  private final List<Lane<T>> lanes = new ArrayList<>();
  private volatile boolean cancelled;
  private boolean paused;
  private boolean delivering;
  private boolean over;
  private int turn;

  Delivery(PartitionLoop loop, CoreSubscriber<? super T> subscriber, Owner owner) {
    this.loop = loop;
    this.subscriber = subscriber;
    this.owner = owner;
  }

  @Override
  public void request(long n) {
    if (Operators.validate(n)) {
      requested.accumulateAndGet(n, Operators::addCap);
      if (!(loop.inLoop() && delivering)) {
        ClientThreads.post(loop, this::onDemand);
      }
    }
  }

  @Override
  public void cancel() {
    cancelled = true;
    ClientThreads.post(loop, owner::onCancel);
  }

  /** Begins, if the subscriber has asked already while its owner was not ready. In the loop. */
  void begin() {
    if (requested.get() > 0) {
      onDemand();
    }
  }

  void add(Lane<T> lane) {
    lanes.add(lane);
  }

  /** Closes a lane: nothing of it is delivered any more. */
  void remove(Lane<T> lane) {
    if (lanes.remove(lane)) {
      lane.close();
    }
  }

  /** Closes the lanes for which this holds; true when none is left. */
  boolean removeIf(Predicate<Lane<T>> over) {
    lanes.removeIf(
        lane -> {
          boolean removed = over.test(lane);
          if (removed) {
            lane.close();
          }
          return removed;
        });
    return lanes.isEmpty();
  }

  List<Lane<T>> lanes() {
    return lanes;
  }

  boolean isOver() {
    return over;
  }

  /** While paused nothing is delivered and nothing more is fetched than is under way. */
  void pause(boolean wanted) {
    paused = wanted;
    if (!wanted) {
      deliver();
    }
  }

  /** Delivers what there is, as far as it was asked for. */
  void deliver() {
    if (delivering || over) {
      return;
    }
    delivering = true;
    try {
      while (!over && !cancelled && !paused && requested.get() > 0) {
        for (Lane<T> each : lanes) {
          each.fetcher().refill();
        }
        Lane<T> lane = nextLane();
        if (lane == null) {
          break;
        }
        emit(lane);
      }
      owner.onDelivered();
    } catch (RuntimeException e) {
      owner.onBroken(e);
    } finally {
      delivering = false;
    }
    if (cancelled) {
      owner.onCancel();
    }
  }

  /** Ends with onComplete; closes the lanes. */
  void complete() {
    if (close() && !cancelled) {
      subscriber.onComplete();
    }
  }

  /** Ends with onError; closes the lanes. */
  void fail(Throwable reason) {
    if (close() && !cancelled) {
      subscriber.onError(reason);
    }
  }

  /** Ends without a signal; closes the lanes. False when it is over already. */
  boolean close() {
    if (over) {
      return false;
    }
    over = true;
    lanes.forEach(Lane::close);
    lanes.clear();
    return true;
  }

  private void onDemand() {
    if (!cancelled && !over) {
      owner.onDemand();
    }
    deliver();
  }

  private @Nullable Lane<T> nextLane() {
    for (int i = 0; i < lanes.size(); i++) {
      turn = (turn + 1) % lanes.size();
      Lane<T> lane = lanes.get(turn);
      if (lane.ready()) {
        return lane;
      }
    }
    return null;
  }

  /** Emits from the lane's open frame while there is demand. */
  private void emit(Lane<T> lane) {
    FrameReader<T> reader = lane.reader();
    long wanted = requested.get();
    long emitted = 0;
    while (!cancelled) {
      if (emitted == wanted) {
        wanted = requested.get();
        if (emitted == wanted) {
          break;
        }
      }
      T next = reader.next();
      if (next == null) {
        lane.onNothing();
        break;
      }
      subscriber.onNext(next);
      emitted++;
    }
    if (wanted != Long.MAX_VALUE) {
      requested.addAndGet(-emitted);
    }
  }
}
