package dev.weir.storage;

import static dev.weir.storage.TestBatches.batch;
import static dev.weir.storage.TestBatches.marker;
import static dev.weir.storage.TestBatches.transactional;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.disk.FileRange;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.record.ControlRecordType;
import dev.weir.storage.disk.Fault;
import dev.weir.storage.disk.SimulatedLogFiles;
import dev.weir.storage.disk.Survival;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TruncationTest {
  private static final Path DIRECTORY = Path.of("/data/orders-0");
  private static final LogSettings SETTINGS =
      LogSettings.DEFAULTS.withSegmentBytes(1024).withIndexIntervalBytes(150);
  private static final int BATCHES = 30;

  private final SimulatedLogFiles files = new SimulatedLogFiles(Path.of("/data"));
  private LogDriver driver = open();

  private LogDriver open() {
    try {
      return new LogDriver(files, DIRECTORY, SETTINGS);
    } catch (IOException unexpected) {
      throw new AssertionError(unexpected);
    }
  }

  /** Whatever the offset, the log is as if it never had had more; also after a power cut. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void leavesALogThatNeverHadMore(boolean flushedBefore) throws IOException {
    for (int offset = 0; offset < BATCHES; offset++) {
      clear();
      driver = open();
      List<String> values = fill(driver, BATCHES);
      if (flushedBefore) {
        driver.flush();
      }
      assertThat(driver.truncateTo(offset)).isEqualTo(offset);
      requireEndsAt(offset, values);
      files.cutPower(Survival.NONE, new Random(offset));
      driver = open();
      assertThat(driver.report().recoveryCase()).isNotEqualTo(RecoveryCase.DAMAGED);
      requireEndsAt(offset, values);
      assertThat(driver.append(sent(offset))).isEqualTo(offset);
      driver.close();
      driver = open();
      assertThat(driver.values()).isEqualTo(values.subList(0, offset + 1));
    }
  }

  @Test
  void removesTheBatchThatHoldsTheOffset() throws IOException {
    driver.append(batch(1, "a"));
    driver.append(batch(2, "b", "c", "d"));
    driver.append(batch(3, "e"));
    assertThat(driver.truncateTo(3)).isEqualTo(1);
    assertThat(driver.values()).containsExactly("a");
  }

  @Test
  void doesNothingAtOrBeyondTheEnd() {
    fill(driver, 3);
    long operations = files.operations();
    assertThat(driver.log().truncateTo(3).toCompletableFuture()).isCompletedWithValue(3L);
    assertThat(driver.log().truncateTo(9).toCompletableFuture()).isCompletedWithValue(3L);
    assertThat(files.operations()).isEqualTo(operations);
  }

  @Test
  void refusesBelowTheStartOrWithinItsBatch() {
    driver.append(batch(1, "a", "b", "c", "d"));
    fill(driver, 3);
    driver.flush();
    var deleted = driver.log().deleteBefore(2).toCompletableFuture();
    driver.loop().runAll();
    assertThat(deleted).isCompletedWithValue(2L);
    assertFails(driver.log().truncateTo(1), ErrorCode.OFFSET_OUT_OF_RANGE);
    assertFails(driver.log().truncateTo(3), ErrorCode.STORAGE_FULL);
    assertThat(driver.log().logEndOffset()).isEqualTo(7);
    assertThat(driver.truncateTo(4)).isEqualTo(4);
  }

  @Test
  void takesNoBatchUntilItIsDoneAndOneTruncationAtATime() {
    fill(driver, 5);
    var truncated = driver.log().truncateTo(2).toCompletableFuture();
    assertThat(driver.log().append(sent(5), 7))
        .isInstanceOfSatisfying(
            AppendOutcome.Rejected.class,
            rejected -> assertThat(rejected.code()).isEqualTo(ErrorCode.NOT_LEADER));
    assertFails(driver.log().truncateTo(1), ErrorCode.OVERLOADED);
    assertThat(truncated).isNotDone();
    driver.moveEnd(truncated);
    assertThat(driver.append(sent(2))).isEqualTo(2);
  }

  @Test
  void waitsForTheFlushThatIsUnderWay() throws IOException {
    fill(driver, 5);
    driver.log().requestFlush();
    assertThat(driver.moveEnd(driver.log().truncateTo(2))).isEqualTo(2);
    assertThat(driver.log().flushedOffset()).isEqualTo(2);
    assertThat(driver.values()).hasSize(2);
  }

  @Test
  void aRangeBelowTheEndStaysValidAndOneBeyondItNeverShowsOtherBytes() throws IOException {
    for (int offset : new int[] {0, 1, 2, 3, 7}) {
      clear();
      driver = open();
      fill(driver, 12);
      List<FileRange> ranges = new ArrayList<>();
      List<ByteBuffer> before = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        ranges.add(driver.read(i, 1, 12).range());
        before.add(bytes(ranges.get(i)));
      }
      driver.truncateTo(offset);
      for (int i = 0; i < 20; i++) {
        driver.append(batch(9_000, "other " + i));
      }
      driver.flush();
      for (int i = 0; i < 12; i++) {
        try {
          assertThat(bytes(ranges.get(i))).as(offset + ": " + i).isEqualTo(before.get(i));
        } catch (IOException beyondTheEnd) {
          assertThat(i).isGreaterThanOrEqualTo(offset);
        }
        ranges.get(i).release();
      }
    }
  }

  @Test
  void bringsBackTheTransactionsThatWereOpenThere() throws IOException {
    append(transactional(1, 0, 0, "a"), AppendOrigin.VERIFIED_CLIENT);
    append(transactional(2, 0, 0, "b"), AppendOrigin.VERIFIED_CLIENT);
    append(marker(ControlRecordType.ABORT, 2, 0, 0), AppendOrigin.COORDINATOR);
    append(marker(ControlRecordType.ABORT, 1, 0, 0), AppendOrigin.COORDINATOR);
    assertThat(driver.log().lastStableOffset(4)).isEqualTo(4);
    driver.truncateTo(3);
    assertThat(driver.log().lastStableOffset(3)).isZero();
    AbortedTransaction second = new AbortedTransaction(2, 1, 2, 0);
    assertThat(driver.log().abortedTransactions(0, 3).run()).containsExactly(second);
    append(marker(ControlRecordType.COMMIT, 1, 0, 0), AppendOrigin.COORDINATOR);
    assertThat(driver.log().lastStableOffset(4)).isEqualTo(4);
    assertThat(driver.log().abortedTransactions(0, 4).run()).containsExactly(second);
  }

  @Test
  void knowsWhereLeaderEpochsEnd() throws IOException {
    driver.log().append(batch(1, "a"), 2);
    driver.log().append(batch(1, "b"), 2);
    driver.log().append(batch(1, "c"), 5);
    driver.log().append(batch(1, "d"), 7);
    assertThat(driver.log().endOffsetFor(1)).isEqualTo(new EpochEnd(1, 0));
    assertThat(driver.log().endOffsetFor(2)).isEqualTo(new EpochEnd(2, 2));
    assertThat(driver.log().endOffsetFor(4)).isEqualTo(new EpochEnd(2, 2));
    assertThat(driver.log().endOffsetFor(6)).isEqualTo(new EpochEnd(5, 3));
    assertThat(driver.log().endOffsetFor(7)).isEqualTo(new EpochEnd(7, 4));
    assertThat(driver.log().endOffsetFor(8)).isEqualTo(EpochEnd.UNDEFINED);
    driver.truncateTo(2);
    assertThat(driver.log().latestLeaderEpoch()).isEqualTo(2);
    driver.log().append(batch(1, "e"), 6);
    assertThat(driver.log().endOffsetFor(5)).isEqualTo(new EpochEnd(2, 2));
    driver.close();
    driver = open();
    assertThat(driver.log().endOffsetFor(6)).isEqualTo(new EpochEnd(6, 3));
    assertThat(driver.log().endOffsetFor(5)).isEqualTo(new EpochEnd(2, 2));
  }

  @Test
  void startsAnewBeyondItsEnd() throws IOException {
    fill(driver, BATCHES);
    assertFails(driver.log().truncateFullyAndStartAt(BATCHES - 1), ErrorCode.OFFSET_OUT_OF_RANGE);
    assertThat(driver.moveEnd(driver.log().truncateFullyAndStartAt(500))).isEqualTo(500);
    for (int round = 0; round < 2; round++) {
      assertThat(driver.log().logStartOffset()).isEqualTo(500);
      assertThat(driver.log().logEndOffset()).isEqualTo(500);
      assertThat(driver.log().flushedOffset()).isEqualTo(500);
      assertThat(driver.log().latestLeaderEpoch()).isEqualTo(-1);
      assertThat(files.list(DIRECTORY).stream().filter(name -> name.endsWith(LogNames.LOG)))
          .hasSize(1);
      files.cutPower(Survival.NONE, new Random(1));
      driver = open();
    }
    assertThat(driver.append(batch(100, 0, 0, "next"))).isEqualTo(500);
    assertThat(driver.values()).containsExactly("next");
  }

  @Test
  void aFullDiskRefusesItAndNothingHasChanged() throws IOException {
    List<String> values = fill(driver, BATCHES);
    driver.flush();
    files.failAt(files.operations() + 2, Fault.DISK_FULL); // the first is the force of the log
    var truncated = driver.log().truncateTo(4);
    driver.loop().runAll();
    assertFails(truncated, ErrorCode.STORAGE_FULL);
    assertThat(driver.log().isOffline()).isFalse();
    assertThat(driver.values()).isEqualTo(values);
    files.freeSpace();
    assertThat(driver.truncateTo(4)).isEqualTo(4);
  }

  /** A second attempt would take the point for lowered, and a power cut would raise it again. */
  @Test
  void aFailedSyncOfTheLoweredFlushPointTakesTheLogOffline() throws IOException {
    List<String> values = truncateWithAFailingSync(1);
    assertThat(files.trace().get((int) files.operations() - 2)).startsWith("sync");
    files.kill();
    driver = open();
    assertThat(driver.values()).isEqualTo(values);
    assertThat(driver.truncateTo(4)).isEqualTo(4);
    files.cutPower(Survival.NONE, new Random(1));
    driver = open();
    requireEndsAt(4, values);
  }

  /** Names whose deletion was not synced are gone for the next process, and back without power. */
  @Test
  void segmentsThatWereCutStayAwayWhenTheSyncOfTheirDeletionFails() throws IOException {
    List<String> values = truncateWithAFailingSync(3);
    files.kill();
    driver = open();
    assertThat(driver.log().logEndOffset()).isEqualTo(4);
    List<String> expected = goOn(values.subList(0, 4));
    files.cutPower(Survival.NONE, new Random(1));
    driver = open();
    assertThat(driver.values()).isEqualTo(expected);
    driver.close();
    assertThat(files.list(DIRECTORY)).doesNotContain(LogNames.DELETED_SEGMENTS);
  }

  /** What the next open shows stays, whatever failed in this one, and whatever comes after it. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anOpenThatFailsToFlushIsNotBelievedByTheNext(boolean goesOn) throws IOException {
    int failed = 0;
    for (int nth = 1; nth < 45; nth++) {
      clear();
      driver = open();
      List<String> values = fill(driver, BATCHES);
      files.kill();
      try (var file = files.open(DIRECTORY.resolve(LogNames.of(0, LogNames.LOG)))) {
        file.truncate(file.size() - 1); // so that all that follows has to be deleted
      }
      files.syncDirectory(DIRECTORY); // the names of the segments are on disk
      files.failAt(files.operations() + nth, Fault.IO_ERROR);
      try {
        driver = open();
      } catch (AssertionError notOpened) {
        assertThat(notOpened).hasCauseInstanceOf(IOException.class);
        failed++;
      }
      files.kill();
      driver = open();
      List<String> expected = values.subList(0, (int) driver.log().logEndOffset());
      assertThat(driver.values()).isEqualTo(expected);
      expected = goesOn ? goOn(expected) : expected;
      files.cutPower(Survival.NONE, new Random(1));
      driver = open();
      assertThat(driver.report().recoveryCase()).isNotEqualTo(RecoveryCase.DAMAGED);
      assertThat(driver.values()).isEqualTo(expected);
    }
    assertThat(failed).isGreaterThan(5);
  }

  /** Other batches, in segments that begin elsewhere, flushed; returns all values. */
  private List<String> goOn(List<String> values) {
    List<String> all = new ArrayList<>(values);
    for (int i = values.size(); i < BATCHES; i++) {
      all.add("other " + i + "+".repeat(150));
      driver.append(batch(100, 0, i, all.get(i)));
    }
    driver.flush();
    return all;
  }

  /** A full log, that one sync of the truncation's own fails, counted from 1 on. */
  private List<String> truncateWithAFailingSync(int which) throws IOException {
    fill(driver, BATCHES);
    driver.flush();
    long before = files.operations();
    driver.truncateTo(4);
    long operation = before;
    for (int syncs = 0; syncs < which; operation++) {
      syncs += files.trace().get((int) operation).startsWith("sync") ? 1 : 0;
    }
    clear();
    driver = open();
    List<String> values = fill(driver, BATCHES);
    driver.flush();
    files.failAt(files.operations() + operation - before, Fault.IO_ERROR);
    assertFails(driver.log().truncateTo(4), ErrorCode.STORAGE_OFFLINE);
    assertThat(driver.log().isOffline()).isTrue();
    return values;
  }

  private void requireEndsAt(int offset, List<String> values) throws IOException {
    assertThat(driver.log().logEndOffset()).isEqualTo(offset);
    assertThat(driver.log().flushedOffset()).isEqualTo(offset);
    assertThat(driver.values()).isEqualTo(values.subList(0, offset));
    assertThat(driver.log().read(offset + 1L, 1, 99)).isInstanceOf(ReadOutcome.OutOfRange.class);
    assertThat(driver.log().offsetForTimestamp(1_000L + offset, 99).run())
        .isInstanceOf(OffsetOutcome.NotFound.class);
    if (offset > 0) {
      assertThat(driver.log().append(sent(offset - 1), 7))
          .isEqualTo(new AppendOutcome.Duplicate(offset - 1, offset - 1));
    }
  }

  private static List<String> fill(LogDriver driver, int batches) {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < batches; i++) {
      driver.append(sent(i));
      values.add(value(i));
    }
    return values;
  }

  private static ByteBuffer sent(int number) {
    return batch(100, 0, number, value(number));
  }

  private static String value(int number) {
    return "value " + number + "-".repeat(number % 7 * 40);
  }

  private void append(ByteBuffer batch, AppendOrigin origin) {
    assertThat(driver.log().append(batch, 7, origin)).isInstanceOf(AppendOutcome.Appended.class);
  }

  private void assertFails(CompletionStage<Long> move, ErrorCode code) {
    if (!move.toCompletableFuture().isDone()) {
      driver.loop().runAll();
    }
    assertThatThrownBy(() -> move.toCompletableFuture().join())
        .satisfies(
            thrown -> {
              Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : thrown;
              assertThat(((WeirException) cause).code()).isEqualTo(code);
            });
  }

  private static ByteBuffer bytes(FileRange range) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(range.length());
    range.readFully(0, bytes);
    return bytes.flip();
  }

  private void clear() throws IOException {
    files.kill();
    for (String name : files.list(DIRECTORY)) {
      files.delete(DIRECTORY.resolve(name));
    }
  }
}
