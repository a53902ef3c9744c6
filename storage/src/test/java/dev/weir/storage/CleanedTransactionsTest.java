package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.record.BatchFilter;
import dev.weir.core.record.ControlRecordType;
import dev.weir.core.record.DecompressionLimits;
import dev.weir.core.record.RecordBatch;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class CleanedTransactionsTest {
  private static final AbortedTransaction ABORTED = new AbortedTransaction(1, 10, 20, 21);

  @Test
  void tellsAbortedRecordsByTheirProducerAndWhereItsTransactionsEnd() {
    CleanedTransactions transactions = transactions(new AbortedTransaction(1, 30, 40, 41), ABORTED);
    assertThat(transactions.isAborted(records(1, 9))).as("before it").isFalse();
    assertThat(transactions.isAborted(records(1, 10))).isTrue();
    assertThat(transactions.isAborted(records(1, 19))).isTrue();
    assertThat(transactions.isAborted(records(1, 21))).as("between two").isFalse();
    assertThat(transactions.isAborted(records(1, 30))).isTrue();
    assertThat(transactions.isAborted(records(1, 41))).as("after both").isFalse();
    assertThat(transactions.isAborted(records(2, 15))).as("another producer's").isFalse();
    assertThat(transactions.isAborted(at(15, TestBatches.batch(1L, 0, 0, "plain")))).isFalse();
    assertThat(transactions.isAborted(marker(1, 20))).isFalse();
  }

  @Test
  void needsAMarkerOnlyWhileRecordsOfItsTransactionAreMet() {
    CleanedTransactions transactions = transactions();
    transactions.onRecords(records(1, 5), false);
    transactions.onRecords(records(2, 6), false);
    assertThat(transactions.onControl(marker(1, 7)).needed()).isTrue();
    assertThat(transactions.onControl(marker(1, 8)).needed()).as("ended already").isFalse();
    assertThat(transactions.onControl(marker(2, 9)).needed()).isTrue();
    transactions.onRecords(at(10, TestBatches.batch(1L, 0, 0, "plain")), false);
    assertThat(transactions.onControl(marker(1, 11)).needed()).isFalse();
  }

  @Test
  void anEmptiedBatchNeedsNoMarker() {
    CleanedTransactions transactions = transactions();
    transactions.onRecords(emptied(records(1, 5)), true);
    assertThat(transactions.onControl(marker(1, 7)).needed()).isFalse();
  }

  @Test
  void aMarkerThatWasEmptiedIsNotNeededAndEndsNothing() {
    CleanedTransactions transactions = transactions();
    transactions.onRecords(records(1, 5), false);
    assertThat(transactions.onControl(emptied(marker(1, 6))))
        .isEqualTo(new CleanedTransactions.Ending(false, null));
    assertThat(transactions.onControl(marker(1, 7)).needed()).isTrue();
  }

  @Test
  void aSnapshotThatShowsATransactionOpenNeedsItsMarker() {
    CleanedTransactions transactions = transactions();
    assertThat(transactions.onControl(marker(1, 5)).needed()).isFalse();
    transactions.onSnapshot(List.of(1L));
    assertThat(transactions.onControl(marker(2, 6)).needed()).isFalse();
    assertThat(transactions.onControl(marker(1, 7)).needed()).isTrue();
    assertThat(transactions.onControl(marker(1, 8)).needed()).isFalse();
  }

  @Test
  void needsEveryMarkerWhenSomethingOfTheLogWasNotMet() {
    CleanedTransactions transactions = new CleanedTransactions(List.of(), false);
    assertThat(transactions.onControl(marker(1, 5)).needed()).isTrue();
  }

  @Test
  void tellsTheTransactionOfAMarkerWhoseRecordsStay() {
    CleanedTransactions transactions = transactions(ABORTED);
    transactions.onRecords(records(1, 10), false);
    transactions.onRecords(records(1, 12), true);
    assertThat(transactions.onControl(marker(1, 20)))
        .isEqualTo(new CleanedTransactions.Ending(true, ABORTED));
  }

  @Test
  void doesNotTellATransactionOfWhichNothingStaysOrThatWasCommitted() {
    CleanedTransactions transactions = transactions(ABORTED);
    transactions.onRecords(records(1, 10), false);
    transactions.onRecords(records(2, 11), true);
    assertThat(transactions.onControl(marker(1, 20)))
        .isEqualTo(new CleanedTransactions.Ending(true, null));
    assertThat(transactions.onControl(marker(2, 21)))
        .isEqualTo(new CleanedTransactions.Ending(true, null));
  }

  private static CleanedTransactions transactions(AbortedTransaction... aborted) {
    return new CleanedTransactions(List.of(aborted), true);
  }

  private static RecordBatch records(long producer, long offset) {
    return at(offset, TestBatches.transactional(producer, 0, 0, "value"));
  }

  private static RecordBatch marker(long producer, long offset) {
    return at(offset, TestBatches.marker(ControlRecordType.ABORT, producer, 0, 0));
  }

  private static RecordBatch at(long offset, ByteBuffer batch) {
    RecordBatch.place(batch, 0, offset, 0);
    return RecordBatch.at(batch, 0);
  }

  private static RecordBatch emptied(RecordBatch batch) {
    return new BatchFilter(DecompressionLimits.DEFAULT).emptied(batch);
  }
}
