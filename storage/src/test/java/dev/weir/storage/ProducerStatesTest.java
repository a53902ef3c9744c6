package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.record.RecordBatch;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ProducerStatesTest {
  private final ProducerStates producers = new ProducerStates();
  private long nextOffset;

  @Test
  void acceptsSequencesWithoutGaps() {
    append(7, 0, 0, 3);
    append(7, 0, 3, 1);
    append(8, 0, 0, 1);
    append(7, 0, 4, 2);
    assertThat(judge(7, 0, 6, 1)).isInstanceOf(SequenceVerdict.Next.class);
  }

  @Test
  void answersEachOfTheLastFiveBatchesWithItsOffsets() {
    for (int i = 0; i < 8; i++) {
      append(7, 0, 2 * i, 2);
    }
    for (int i = 3; i < 8; i++) {
      assertThat(judge(7, 0, 2 * i, 2)).isEqualTo(new SequenceVerdict.Repeat(2L * i, 2L * i + 1));
    }
    assertRefused(judge(7, 0, 4, 2), ErrorCode.DUPLICATE_SEQUENCE);
  }

  @Test
  void refusesAGap() {
    append(7, 0, 0, 1);
    assertRefused(judge(7, 0, 2, 1), ErrorCode.OUT_OF_ORDER_SEQUENCE);
  }

  @Test
  void refusesABatchThatOverlapsTheExpectedSequence() {
    append(7, 0, 0, 3);
    assertRefused(judge(7, 0, 1, 5), ErrorCode.OUT_OF_ORDER_SEQUENCE);
  }

  @Test
  void refusesAnUnknownProducerThatIsNotAtItsStart() {
    assertRefused(judge(7, 0, 1, 1), ErrorCode.UNKNOWN_PRODUCER_ID);
  }

  @Test
  void fencesAnOlderEpoch() {
    append(7, 3, 0, 1);
    assertRefused(judge(7, 2, 1, 1), ErrorCode.FENCED_PRODUCER);
  }

  @Test
  void startsANewEpochAtSequenceZero() {
    append(7, 0, 0, 1);
    assertRefused(judge(7, 1, 1, 1), ErrorCode.OUT_OF_ORDER_SEQUENCE);
    append(7, 1, 0, 1);
    assertThat(judge(7, 1, 0, 1)).isEqualTo(new SequenceVerdict.Repeat(1, 1));
    assertRefused(judge(7, 0, 1, 1), ErrorCode.FENCED_PRODUCER);
  }

  @Test
  void continuesAtZeroAfterTheLargestSequence() {
    ProducerState state = new ProducerState(7);
    state.add((short) 0, Integer.MAX_VALUE - 1, 0, 10);
    producers.put(state);
    nextOffset = 11;
    append(7, 0, Integer.MAX_VALUE, 3);
    assertThat(judge(7, 0, 2, 1)).isInstanceOf(SequenceVerdict.Next.class);
    assertThat(judge(7, 0, Integer.MAX_VALUE, 3)).isEqualTo(new SequenceVerdict.Repeat(11, 13));
    assertThat(judge(7, 0, Integer.MAX_VALUE - 1, 1)).isEqualTo(new SequenceVerdict.Repeat(10, 10));
    assertRefused(judge(7, 0, 3, 1), ErrorCode.OUT_OF_ORDER_SEQUENCE);
    assertRefused(judge(7, 0, Integer.MAX_VALUE - 9, 1), ErrorCode.DUPLICATE_SEQUENCE);
  }

  @Test
  void forgetsProducersThatWereSilentForLong() {
    append(7, 0, 0, 1);
    producers.onBatch(stored(8, 0, 0, 1), 5_000);
    producers.expireBefore(5_000);
    assertThat(producers.sorted()).extracting(ProducerState::producerId).containsExactly(8L);
  }

  @Test
  void doesNotJudgeProducersThatAreNotIdempotent() {
    RecordBatch batch = RecordBatch.at(TestBatches.batch(1, "x"), 0);
    assertThat(producers.judge(batch)).isInstanceOf(SequenceVerdict.Next.class);
    producers.onBatch(StoredBatch.readBack(batch), 1);
    assertThat(producers.sorted()).isEmpty();
  }

  private void append(long producerId, int epoch, int sequence, int records) {
    assertThat(judge(producerId, epoch, sequence, records))
        .isInstanceOf(SequenceVerdict.Next.class);
    producers.onBatch(stored(producerId, epoch, sequence, records), 1_000);
    nextOffset += records;
  }

  private SequenceVerdict judge(long producerId, int epoch, int sequence, int records) {
    return producers.judge(stored(producerId, epoch, sequence, records).batch());
  }

  private StoredBatch stored(long producerId, int epoch, int sequence, int records) {
    String[] values = new String[records];
    Arrays.fill(values, "v");
    ByteBuffer bytes = TestBatches.batch(producerId, epoch, sequence, values);
    return new StoredBatch(RecordBatch.at(bytes, 0), nextOffset, 1);
  }

  private static void assertRefused(SequenceVerdict verdict, ErrorCode code) {
    assertThat(verdict)
        .isInstanceOfSatisfying(
            SequenceVerdict.Refused.class, refused -> assertThat(refused.code()).isEqualTo(code));
  }
}
