package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.weir.core.protocol.GroupOffset;
import dev.weir.core.protocol.OffsetRange;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class PartitionAcksTest {
  private static final PartitionTarget TARGET =
      new PartitionTarget("t", ByteString.copyFrom(new byte[16]), 0);

  private final AtomicInteger wakes = new AtomicInteger();

  /** A record as its application holds it. */
  private record Held(long offset, AckChunk chunk, int slot) {
    void acknowledge() {
      chunk.acknowledge(slot);
    }
  }

  /**
   * Random deliveries (with holes in the offsets) and acknowledgements, against a map of offsets:
   * the committed offset is the lowest one that is not acknowledged, the ranges are the
   * acknowledged ones above, and nothing else.
   */
  @Property(tries = 300)
  void commitsThePrefixAndTheRangesOfASimpleModel(
      @ForAll @Size(max = 2000) List<@IntRange(min = -1000, max = 60) Integer> steps) {
    PartitionAcks acks = acks(10_000, 1L << 30, 0, OffsetRanges.NONE);
    TreeMap<Long, Boolean> model = new TreeMap<>();
    List<Held> held = new ArrayList<>();
    long next = 0;
    for (int step : steps) {
      if (step >= 0) {
        next += step / 50; // a hole now and then
        AckChunk chunk = acks.deliver(next, 10);
        held.add(new Held(next, chunk, chunk.count() - 1));
        model.put(next, false);
        next++;
      } else if (!held.isEmpty()) {
        Held chosen = held.get(-step % held.size());
        chosen.acknowledge();
        model.put(chosen.offset(), true);
      }
    }

    GroupOffset committable = acks.committable();
    List<Long> open =
        model.entrySet().stream().filter(e -> !e.getValue()).map(e -> e.getKey()).toList();
    assertThat(committable).isNotNull();
    long prefix = open.isEmpty() ? next : open.get(0);
    assertThat(committable.getOffset()).isEqualTo(prefix);
    List<Long> above = model.tailMap(prefix).keySet().stream().filter(model::get).toList();
    List<OffsetRange> ranges = committable.getAcknowledgedList();
    List<Long> limited =
        ranges.size() < CommitSettings.MAX_RANGES
            ? above
            : above.stream().filter(o -> o <= ranges.get(ranges.size() - 1).getLast()).toList();
    assertThat(model.keySet().stream().filter(offset -> inAny(ranges, offset)).toList())
        .isEqualTo(limited);
    assertThat(acks.gapRecords()).isEqualTo(model.tailMap(prefix).size());
    assertThat(acks.gapBytes()).isEqualTo(10L * acks.gapRecords());
    assertThat(acks.isSettled()).isEqualTo(open.isEmpty());
  }

  /** Taking back the last deliveries leaves what a delivery without them would have left. */
  @Property(tries = 200)
  void takingBackIsAsIfNeverDelivered(
      @ForAll @IntRange(min = 1, max = 1500) int delivered,
      @ForAll @IntRange(min = 0, max = 1499) int kept) {
    PartitionAcks acks = acks(10_000, 1L << 30, 0, OffsetRanges.NONE);
    List<Held> held = deliver(acks, 0, delivered);
    int left = Math.min(kept, delivered - 1);
    Held first = held.get(left);

    acks.takeBack(first.chunk(), first.slot());
    held.subList(0, left).forEach(Held::acknowledge);

    assertThat(acks.position()).isEqualTo(left);
    assertThat(acks.isSettled()).isTrue();
    assertThat(acks.gapBytes()).isZero();
    Held again = deliver(acks, left, 1).get(0);
    assertThat(acks.isSettled()).isFalse();
    again.acknowledge();
    assertThat(acks.committable().getOffset()).isEqualTo(left + 1);
  }

  @Test
  void anAcknowledgementWakesOnlyWhoWaits() {
    PartitionAcks acks = acks(3, 1L << 30, 0, OffsetRanges.NONE);
    List<Held> held = deliver(acks, 0, 2);
    held.get(1).acknowledge();
    assertThat(wakes).hasValue(0);
    held.addAll(deliver(acks, 2, 1));
    assertThat(acks.mayDeliver()).isFalse();
    assertThat(acks.isWaiting()).isTrue();

    held.get(1).acknowledge(); // again: means nothing
    assertThat(wakes).hasValue(0);
    held.get(0).acknowledge();
    assertThat(wakes).hasValue(1);
    held.get(2).acknowledge(); // one wake-up is enough until it is heard
    assertThat(wakes).hasValue(1);

    acks.onWoken();
    assertThat(acks.mayDeliver()).isTrue();
    assertThat(acks.isWaiting()).isFalse();
  }

  @Test
  void oneRecordIsAlwaysLetThrough() {
    PartitionAcks acks = acks(10, 5, 0, OffsetRanges.NONE);

    assertThat(acks.mayDeliver()).isTrue();
    acks.deliver(0, 1000);
    assertThat(acks.mayDeliver()).isFalse();
  }

  @Test
  void acknowledgementsFromBeforeARestartMeanNothing() {
    PartitionAcks acks = acks(100, 1L << 30, 0, OffsetRanges.NONE);
    List<Held> before = deliver(acks, 0, 10);

    acks.restartAt(3);
    deliver(acks, 3, 10);
    before.forEach(Held::acknowledge);

    assertThat(acks.committable().getOffset()).isEqualTo(3);
    assertThat(acks.committable().getAcknowledgedList()).isEmpty();
  }

  @Test
  void keepsTheRangesOfFormerOwnersUntilTheyArePassed() {
    PartitionAcks acks =
        acks(100, 1L << 30, 0, new OffsetRanges(List.of(range(2, 3), range(8, 9))));
    List<Held> held = deliver(acks, 0, 2);

    assertThat(acks.committable().getAcknowledgedList()).containsExactly(range(2, 3), range(8, 9));
    assertThat(acks.wasAcknowledged(2)).isTrue();
    acks.passOver(2, 1);
    held.get(1).acknowledge();
    assertThat(acks.committable().getAcknowledgedList())
        .containsExactly(range(1, 2), range(3, 3), range(8, 9));
    assertThat(acks.wasAcknowledged(3)).isTrue();
    acks.passOver(3, 1);
    assertThat(acks.wasAcknowledged(4)).isFalse();
    held.get(0).acknowledge();
    assertThat(acks.committable().getOffset()).isEqualTo(4);
  }

  @Test
  void commitsNothingBeforeThePositionIsKnown() {
    PartitionAcks acks = acks(100, 1L << 30, PartitionAcks.UNKNOWN, OffsetRanges.NONE);
    assertThat(acks.committable()).isNull();

    acks.startAt(42);

    assertThat(acks.committable().getOffset()).isEqualTo(42);
  }

  @Test
  void holdsNoMoreThanItsBoundInRanges() {
    PartitionAcks acks = acks(100_000, 1L << 30, 0, OffsetRanges.NONE);
    List<Held> held = deliver(acks, 0, 10_000);
    IntStream.range(0, 5000).forEach(i -> held.get(2 * i + 1).acknowledge());

    GroupOffset offset = acks.committable();

    assertThat(offset.getAcknowledgedCount()).isEqualTo(CommitSettings.MAX_RANGES);
    assertThat(offset.getAcknowledged(0)).isEqualTo(range(1, 1));
  }

  @Test
  void threadsAcknowledgeAtTheSameTime() throws InterruptedException {
    PartitionAcks acks = acks(1 << 20, 1L << 30, 0, OffsetRanges.NONE);
    List<Held> held = deliver(acks, 0, 100_000);
    CountDownLatch done = new CountDownLatch(4);
    for (int t = 0; t < 4; t++) {
      int offset = t;
      new Thread(
              () -> {
                for (int i = offset; i < held.size(); i += 3) { // some twice
                  held.get(i).acknowledge();
                }
                done.countDown();
              },
              "acknowledging-" + t)
          .start();
    }
    done.await();

    assertThat(acks.isSettled()).isTrue();
    assertThat(acks.committable().getOffset()).isEqualTo(100_000);
  }

  private PartitionAcks acks(int records, long bytes, long position, OffsetRanges ranges) {
    return new PartitionAcks(
        TARGET,
        CommitSettings.defaults().withMaxUnacknowledged(records, bytes),
        position,
        ranges,
        wakes::incrementAndGet);
  }

  private static List<Held> deliver(PartitionAcks acks, long first, int count) {
    List<Held> held = new ArrayList<>();
    for (long offset = first; offset < first + count; offset++) {
      AckChunk chunk = acks.deliver(offset, 7);
      held.add(new Held(offset, chunk, chunk.count() - 1));
    }
    return held;
  }

  private static boolean inAny(List<OffsetRange> ranges, long offset) {
    return ranges.stream().anyMatch(r -> r.getFirst() <= offset && offset <= r.getLast());
  }

  private static OffsetRange range(long first, long last) {
    return OffsetRange.newBuilder().setFirst(first).setLast(last).build();
  }
}
