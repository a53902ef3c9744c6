package dev.weir.transport.rsocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.rsocket.frame.RequestFireAndForgetFrameCodec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameLanesTest {
  private static final int LARGE = 1 << 20;
  private static final int SMALL = 100;

  private final FrameLanes lanes = new FrameLanes();
  private int number;

  private QueuedFrame add(int streamId, int size) {
    QueuedFrame frame =
        new QueuedFrame(streamId, streamId, Unpooled.buffer(4).writeInt(number++), size, size);
    lanes.add(frame);
    return frame;
  }

  private List<QueuedFrame> drain() {
    List<QueuedFrame> all = new ArrayList<>();
    for (QueuedFrame frame = lanes.next(); frame != null; frame = lanes.next()) {
      all.add(frame);
    }
    return all;
  }

  @Test
  void connectionFramesGoFirst() {
    QueuedFrame data = add(1, LARGE);
    QueuedFrame keepAlive = add(0, SMALL);
    assertThat(drain()).containsExactly(keepAlive, data);
  }

  @Test
  void anAcknowledgementOvertakesTheDataOfOthers() {
    QueuedFrame first = add(1, LARGE);
    QueuedFrame second = add(1, LARGE);
    QueuedFrame acknowledgement = add(3, SMALL);
    assertThat(drain()).containsExactly(acknowledgement, first, second);
  }

  @Test
  void aSmallFrameStaysBehindTheDataOfItsOwnStream() {
    QueuedFrame data = add(1, LARGE);
    QueuedFrame complete = add(1, SMALL);
    assertThat(drain()).containsExactly(data, complete);
  }

  @Test
  void fireAndForgetKeepsItsOrderAlthoughEachHasAStream() {
    List<QueuedFrame> sent = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int size = i % 2 == 0 ? LARGE : SMALL;
      QueuedFrame frame =
          QueuedFrame.of(
              2 * i + 1,
              RequestFireAndForgetFrameCodec.encode(
                  ByteBufAllocator.DEFAULT,
                  2 * i + 1,
                  false,
                  null,
                  Unpooled.buffer(size, size).writeZero(size)));
      lanes.add(frame);
      sent.add(frame);
    }
    assertThat(drain()).containsExactlyElementsOf(sent);
    sent.forEach(frame -> frame.bytes().release());
  }

  @Test
  void dataStreamsTakeTurns() {
    List<QueuedFrame> expected = new ArrayList<>();
    QueuedFrame[][] frames = new QueuedFrame[3][4];
    for (int stream = 0; stream < 3; stream++) {
      for (int i = 0; i < 4; i++) {
        frames[stream][i] = add(2 * stream + 1, LARGE);
      }
    }
    for (int i = 0; i < 4; i++) {
      for (int stream = 0; stream < 3; stream++) {
        expected.add(frames[stream][i]);
      }
    }
    assertThat(drain()).containsExactlyElementsOf(expected);
  }

  @Test
  void aTurnOfSmallDataIsWorthAsMuchAsOneOfLargeData() {
    // More than is urgent, so most of it is data.
    for (int i = 0; i < 10_000; i++) {
      add(1, SMALL);
    }
    add(3, LARGE);
    add(3, LARGE);
    List<QueuedFrame> order = drain();
    int firstLarge = indexOfStream(order, 3, 0);
    int secondLarge = indexOfStream(order, 3, firstLarge + 1);
    int between = (secondLarge - firstLarge - 1) * SMALL;
    assertThat(between).isBetween(FrameLanes.TURN_COST, FrameLanes.TURN_COST + SMALL);
  }

  private static int indexOfStream(List<QueuedFrame> order, int streamId, int from) {
    int index = from;
    while (order.get(index).streamId() != streamId) {
      index++;
    }
    return index;
  }

  @Test
  void aStreamOfSmallFramesIsUrgentOnlyUpToALimit() {
    QueuedFrame data = add(3, LARGE);
    for (int i = 0; i < 10_000; i++) {
      add(1, SMALL);
    }
    assertThat(drain().indexOf(data) * SMALL)
        .isLessThanOrEqualTo(FrameLanes.URGENT_STREAM_COST + FrameLanes.TURN_COST + SMALL);
  }

  @Test
  void manyStreamsOfSmallFramesDoNotStarveOneOfData() {
    QueuedFrame data = add(999, LARGE);
    QueuedFrame more = add(999, LARGE);
    for (int stream = 1; stream < 400; stream += 2) {
      for (int i = 0; i < 100; i++) {
        add(stream, SMALL);
      }
    }
    List<QueuedFrame> order = drain();
    assertThat(order.indexOf(data) * SMALL).isBetween(1, FrameLanes.URGENT_RUN_COST + SMALL);
    assertThat((order.indexOf(more) - order.indexOf(data)) * SMALL)
        .isBetween(1, FrameLanes.URGENT_RUN_COST + 2 * SMALL);
  }

  @Test
  void connectionFramesGoBeforeUrgentFramesOfStreams() {
    QueuedFrame acknowledgement = add(1, SMALL);
    QueuedFrame keepAlive = add(0, SMALL);
    assertThat(drain()).containsExactly(keepAlive, acknowledgement);
  }

  @Test
  void keepsTheOrderWithinEveryStreamWhateverComes() {
    Random random = new Random(42);
    Map<Integer, Integer> lastOfStream = new HashMap<>();
    int added = 0;
    int taken = 0;
    for (int i = 0; i < 200_000; i++) {
      if (random.nextInt(3) > 0) {
        int size = random.nextInt(4) == 0 ? LARGE : random.nextInt(5000);
        add(random.nextInt(20), size);
        added++;
      } else {
        taken += takeInOrder(lastOfStream);
      }
    }
    while (!lanes.isEmpty()) {
      taken += takeInOrder(lastOfStream);
    }
    assertThat(taken).isEqualTo(added);
    assertThat(lanes.next()).isNull();
  }

  private int takeInOrder(Map<Integer, Integer> lastOfStream) {
    QueuedFrame next = lanes.next();
    if (next == null) {
      return 0;
    }
    int sequence = next.bytes().getInt(0);
    assertThat(sequence).isGreaterThan(lastOfStream.getOrDefault(next.streamId(), -1));
    lastOfStream.put(next.streamId(), sequence);
    return 1;
  }

  @Test
  void clearHandsOverEveryFrameOnce() {
    List<QueuedFrame> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      all.add(add(i % 7, i % 2 == 0 ? LARGE : SMALL));
    }
    List<QueuedFrame> dropped = new ArrayList<>();
    lanes.clear(dropped::add);
    assertThat(dropped).containsExactlyInAnyOrderElementsOf(all);
    assertThat(lanes.isEmpty()).isTrue();
    QueuedFrame later = add(1, LARGE);
    assertThat(drain()).containsExactly(later);
  }
}
