package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.weir.core.record.Compression;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.RecordBatchBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class SequencedBatchesTest {
  private static final ProducerIdentity.Id FIRST = new ProducerIdentity.Id(7, (short) 0);
  private static final ProducerIdentity.Id SECOND = new ProducerIdentity.Id(8, (short) 0);
  private static final int RECORDS = 3;

  private final SequencedBatches batches = new SequencedBatches();

  @Test
  void numbersBatchesWithoutGaps() {
    ProducerBatch a = sent();
    ProducerBatch b = sent();

    assertStamp(a, FIRST, 0);
    assertStamp(b, FIRST, RECORDS);
  }

  @Test
  void sequencesGoOnAtZeroAfterTheLargest() {
    assertThat(SequencedBatches.sequenceAfter(0, 10)).isEqualTo(10);
    assertThat(SequencedBatches.sequenceAfter(Integer.MAX_VALUE - 10, 10))
        .isEqualTo(Integer.MAX_VALUE);
    assertThat(SequencedBatches.sequenceAfter(Integer.MAX_VALUE - 9, 10)).isZero();
    assertThat(SequencedBatches.sequenceAfter(Integer.MAX_VALUE, 10)).isEqualTo(9);
  }

  @Test
  void storedOnesCountUntilTheOldestIsAnswered() {
    ProducerBatch oldest = sent();
    for (int i = 1; i < SequencedBatches.MAX; i++) {
      batches.markStored(sent());
    }
    assertThat(batches.isFull()).isTrue();
    assertThat(batches.unanswered()).containsExactly(oldest);

    batches.markStored(oldest);

    assertThat(batches.isEmpty()).isTrue();
  }

  @Test
  void repeatsTheFirstThatIsNeitherStoredNorOnTheWire() {
    ProducerBatch a = sent();
    ProducerBatch b = sent();
    ProducerBatch c = sent();
    batches.markStored(b);
    assertThat(batches.firstToSend()).isNull();

    c.progress.onWire = false;
    assertThat(batches.firstToSend()).isSameAs(c);
    a.progress.onWire = false;
    assertThat(batches.firstToSend()).isSameAs(a);
  }

  @Test
  void theNextBatchTakesTheSequenceOfTheLastOneThatWasRefused() {
    sent();
    ProducerBatch refused = sent();

    assertThat(batches.removeRefused(refused)).isFalse();

    assertStamp(sent(), FIRST, RECORDS);
  }

  @Test
  void thoseBehindARefusedOneTakeItsSequences() {
    ProducerBatch a = sent();
    ProducerBatch refused = sent();
    ProducerBatch c = sent();
    ProducerBatch d = sent();

    assertThat(batches.removeRefused(refused)).isTrue();
    batches.closeHole(FIRST);

    assertStamp(a, FIRST, 0);
    assertStamp(c, FIRST, RECORDS);
    assertStamp(d, FIRST, 2 * RECORDS);
    assertStamp(sent(), FIRST, 3 * RECORDS);
  }

  @Test
  void aSecondHoleBehindTheFirstIsClosedWithIt() {
    ProducerBatch refused = sent();
    ProducerBatch refusedToo = sent();
    ProducerBatch c = sent();

    batches.removeRefused(refused);
    batches.removeRefused(refusedToo);
    batches.closeHole(FIRST);

    assertStamp(c, FIRST, 0);
    assertStamp(sent(), FIRST, RECORDS);
  }

  @Test
  void aSecondHoleBeforeTheFirstIsTheOneThatCounts() {
    ProducerBatch refusedToo = sent();
    ProducerBatch b = sent();
    ProducerBatch refused = sent();
    ProducerBatch d = sent();

    batches.removeRefused(refused);
    batches.removeRefused(refusedToo);
    batches.closeHole(FIRST);

    assertStamp(b, FIRST, 0);
    assertStamp(d, FIRST, RECORDS);
  }

  @Test
  void aHoleWithNothingLeftBehindItIsFilledByTheNextBatch() {
    ProducerBatch refused = sent();
    ProducerBatch refusedToo = sent();

    batches.removeRefused(refused);
    batches.removeRefused(refusedToo);
    batches.closeHole(FIRST);

    assertStamp(sent(), FIRST, 0);
  }

  @Test
  void beginsAtZeroUnderANewId() {
    ProducerBatch unknown = sent();
    ProducerBatch b = sent();
    ProducerBatch stored = sent();
    ProducerBatch d = sent();
    batches.markStored(stored);

    batches.remove(unknown);
    batches.restart(SECOND);

    assertStamp(b, SECOND, 0);
    assertStamp(d, SECOND, RECORDS);
    assertThat(batches.unanswered()).containsExactly(b, d);
  }

  private ProducerBatch sent() {
    ProducerBatch batch =
        new ProducerBatch(
            new PartitionTarget("t", ByteString.EMPTY, 0),
            new RecordBatchBuilder(Compression.NONE, 1024),
            0);
    for (int i = 0; i < RECORDS; i++) {
      batch.append((resolved, from, count) -> {}, 0, null, new byte[1], List.of(), null);
    }
    batch.seal();
    batches.add(batch, FIRST);
    batch.progress.onWire = true;
    return batch;
  }

  private static void assertStamp(ProducerBatch batch, ProducerIdentity.Id id, int sequence) {
    RecordBatch bytes = RecordBatch.at(batch.bytes(), 0);
    assertThat(bytes.producerId()).isEqualTo(id.producerId());
    assertThat(bytes.baseSequence()).isEqualTo(sequence);
    assertThat(bytes.crcMatches()).isTrue();
  }
}
