package dev.weir.storage;

import static dev.weir.storage.TestBatches.batch;
import static dev.weir.storage.TestBatches.marker;
import static dev.weir.storage.TestBatches.transactional;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.record.ControlRecordType;
import dev.weir.core.record.RecordBatch;
import dev.weir.storage.disk.Fault;
import dev.weir.storage.disk.SimulatedLogFiles;
import dev.weir.storage.disk.Survival;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransactionsTest {
  private static final Path DIRECTORY = Path.of("/data/orders-0");
  private static final LogSettings SETTINGS =
      LogSettings.DEFAULTS.withSegmentBytes(1024).withIndexIntervalBytes(100);

  private final SimulatedLogFiles files = new SimulatedLogFiles(Path.of("/data"));
  private LogDriver driver = open();

  private LogDriver open() {
    try {
      return new LogDriver(files, DIRECTORY, SETTINGS);
    } catch (IOException unexpected) {
      throw new AssertionError(unexpected);
    }
  }

  @Test
  void theLastStableOffsetIsWhereTheEarliestOpenTransactionBegins() {
    appendPlain("a");
    append(1, 0, "b");
    append(2, 0, "c");
    append(1, 1, "d");
    assertThat(stable(4)).isEqualTo(1);
    end(1, ControlRecordType.COMMIT);
    assertThat(stable(5)).isEqualTo(2);
    end(2, ControlRecordType.ABORT);
    assertThat(stable(6)).isEqualTo(6);
  }

  @Test
  void anEndedTransactionStaysUndecidedUntilItsMarkerIsBelowTheHighWatermark() {
    append(1, 0, "a");
    end(1, ControlRecordType.COMMIT);
    assertThat(stable(1)).isZero();
    assertThat(stable(2)).isEqualTo(2);
    appendPlain("b");
    assertThat(stable(3)).isEqualTo(3);
  }

  @Test
  void neverLiesBeyondTheHighWatermarkOrBelowTheStart() {
    append(1, 0, "a");
    appendPlain("b");
    driver.flush();
    assertThat(stable(0)).isZero();
    var deleted = driver.log().deleteBefore(2).toCompletableFuture();
    driver.loop().runAll();
    assertThat(deleted).isCompletedWithValue(2L);
    assertThat(stable(2)).isEqualTo(2);
  }

  @Test
  void findsAbortedTransactionsOverSegments() throws IOException {
    append(1, 0, "x".repeat(900)); // 0, a segment of its own
    append(2, 0, "y".repeat(900)); // 1
    end(2, ControlRecordType.ABORT); // 2
    append(3, 0, "z".repeat(900)); // 3
    end(3, ControlRecordType.COMMIT); // 4
    end(1, ControlRecordType.ABORT); // 5
    append(1, 1, "later"); // 6
    end(1, ControlRecordType.ABORT); // 7
    AbortedTransaction second = new AbortedTransaction(2, 1, 2, 0);
    AbortedTransaction first = new AbortedTransaction(1, 0, 5, 6);
    AbortedTransaction third = new AbortedTransaction(1, 6, 7, 8);
    assertThat(aborted(0, 8)).containsExactly(second, first, third);
    assertThat(aborted(0, 1)).containsExactly(first);
    assertThat(aborted(1, 3)).containsExactly(second, first);
    assertThat(aborted(3, 6)).containsExactly(first);
    assertThat(aborted(6, 8)).containsExactly(third);
    assertThat(files.list(DIRECTORY).stream().filter(name -> name.endsWith(".txnindex")))
        .hasSizeGreaterThan(1)
        .hasSizeLessThan((int) files.list(DIRECTORY).stream().filter(this::isLog).count());
  }

  @Test
  void knowsWithoutTheDiskThatNothingWasAborted() throws IOException {
    append(1, 0, "a");
    end(1, ControlRecordType.COMMIT);
    AbortedLookup lookup = driver.log().abortedTransactions(0, 2);
    assertThat(lookup.isEmpty()).isTrue();
    assertThat(lookup.run()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"closed", "killed", "powerless"})
  void knowsEverythingAgainAfterAStart(String how) throws IOException {
    List<AbortedTransaction> before = writeMany();
    long stable = stable(driver.log().logEndOffset());
    assertThat(before).hasSizeGreaterThan(5);
    assertThat(stable).isEqualTo(driver.log().logEndOffset() - 1);
    end(how);
    driver = open();
    assertThat(aborted(0, Long.MAX_VALUE)).isEqualTo(before);
    assertThat(stable(driver.log().logEndOffset())).isEqualTo(stable);
    end(9, ControlRecordType.ABORT);
    assertThat(aborted(stable, Long.MAX_VALUE))
        .containsExactly(new AbortedTransaction(9, stable, stable + 1, stable + 2));
  }

  @ParameterizedTest
  @ValueSource(strings = {"closed", "killed"})
  void damageToTheFilesBesideTheBatchesChangesNothing(String how) throws IOException {
    writeMany();
    end(how);
    for (String name : files.list(DIRECTORY)) {
      for (int seed = 0; !isLog(name) && seed < 12; seed++) {
        clear();
        driver = open();
        List<AbortedTransaction> before = writeMany();
        end(how);
        damage(name, new Random(seed * 0x9E3779B97F4A7C15L));
        driver = open();
        String what = name + ", seed " + seed;
        assertThat(aborted(0, Long.MAX_VALUE)).as(what).isEqualTo(before);
        assertThat(aborted(0, Long.MAX_VALUE)).as(what).isEqualTo(before);
        long end = driver.log().logEndOffset();
        assertThat(stable(end)).as(what).isEqualTo(end - 1);
        end(9, ControlRecordType.ABORT);
        assertThat(aborted(end - 1, Long.MAX_VALUE)).as(what).hasSize(1);
      }
    }
  }

  @Test
  void anIndexThatCannotBeWrittenIsWrittenLaterAndNeverMissed() throws IOException {
    append(1, 0, "a");
    files.failAt(files.operations() + 2, Fault.DISK_FULL); // the marker's batch is the first
    end(1, ControlRecordType.ABORT);
    List<AbortedTransaction> expected = List.of(new AbortedTransaction(1, 0, 1, 2));
    assertThat(aborted(0, 2)).isEqualTo(expected);
    files.freeSpace();
    driver.close();
    driver = open();
    assertThat(aborted(0, 2)).isEqualTo(expected);
  }

  @Test
  void anOpenTransactionKeepsItsProducerFromBeingForgotten() {
    append(1, 0, "a");
    driver
        .log()
        .retain(1_700_000_000_000L + SETTINGS.retention().producerExpiration().toMillis() + 1, 1);
    assertThat(stable(1)).isZero();
    end(1, ControlRecordType.COMMIT);
    assertThat(stable(2)).isEqualTo(2);
  }

  @Test
  void aClientsBatchBeginsATransactionOnlyWhenACoordinatorHasSaidSo() {
    assertRejected(
        driver.log().append(transactional(1, 0, 0, "a"), 7), ErrorCode.INVALID_TRANSACTION_STATE);
    append(1, 0, "a");
    assertThat(driver.log().append(transactional(1, 0, 1, "b"), 7))
        .isEqualTo(new AppendOutcome.Appended(1, 1, -1));
    end(1, ControlRecordType.COMMIT);
    assertRejected(
        driver.log().append(transactional(1, 0, 2, "c"), 7), ErrorCode.INVALID_TRANSACTION_STATE);
    assertThat(driver.log().append(transactional(1, 0, 1, "b"), 7))
        .isEqualTo(new AppendOutcome.Duplicate(1, 1));
  }

  @Test
  void aBatchOutsideTheOpenTransactionOrOfANewerEpochIsRefused() {
    append(1, 0, "a");
    assertRejected(
        driver.log().append(batch(1, 0, 1, "b"), 7), ErrorCode.INVALID_TRANSACTION_STATE);
    assertRejected(
        driver.log().append(transactional(1, 1, 0, "b"), 7, AppendOrigin.VERIFIED_CLIENT),
        ErrorCode.INVALID_TRANSACTION_STATE);
  }

  @Test
  void clientsNeverSendMarkersAndCoordinatorsNothingElse() {
    ByteBuffer marker = marker(ControlRecordType.COMMIT, 1, 0, 0);
    for (AppendOrigin origin : List.of(AppendOrigin.CLIENT, AppendOrigin.VERIFIED_CLIENT)) {
      assertRejected(driver.log().append(marker.duplicate(), 7, origin), ErrorCode.CORRUPT_BATCH);
    }
    assertRejected(
        driver.log().append(batch(1, "a"), 7, AppendOrigin.COORDINATOR), ErrorCode.CORRUPT_BATCH);
  }

  @Test
  void fencesMarkersOfOlderEpochs() {
    append(1, 0, "a");
    assertMarked(marker(ControlRecordType.COMMIT, 1, 1, 5));
    assertRejected(
        append(marker(ControlRecordType.COMMIT, 1, 0, 6), AppendOrigin.COORDINATOR),
        ErrorCode.FENCED_PRODUCER);
    assertRejected(
        append(marker(ControlRecordType.ABORT, 1, 1, 4), AppendOrigin.COORDINATOR),
        ErrorCode.FENCED_COORDINATOR);
    assertMarked(marker(ControlRecordType.COMMIT, 1, 1, 5));
  }

  @Test
  void aMarkerOfAHigherEpochFencesWhatTheProducerSentBefore() throws IOException {
    append(1, 0, "a");
    assertMarked(marker(ControlRecordType.ABORT, 1, 1, 0));
    for (int round = 0; round < 2; round++) {
      assertRejected(
          append(transactional(1, 0, 1, "late"), AppendOrigin.VERIFIED_CLIENT),
          ErrorCode.FENCED_PRODUCER);
      assertRejected(
          append(transactional(1, 1, 1, "gap"), AppendOrigin.VERIFIED_CLIENT),
          ErrorCode.OUT_OF_ORDER_SEQUENCE);
      driver.close();
      driver = open();
    }
    assertThat(append(transactional(1, 1, 0, "next"), AppendOrigin.VERIFIED_CLIENT))
        .isInstanceOf(AppendOutcome.Appended.class);
  }

  @Test
  void takesTheLeadersBatchesWithTheirOffsetsEpochsAndGaps() throws IOException {
    replicate(transactional(1, 0, 7, "a"), 3, 4);
    replicate(batch(5, "b"), 10, 5);
    replicate(marker(ControlRecordType.ABORT, 1, 0, 0), 11, 5);
    assertThat(driver.log().logEndOffset()).isEqualTo(12);
    assertThat(driver.log().latestLeaderEpoch()).isEqualTo(5);
    assertThat(aborted(0, 12)).containsExactly(new AbortedTransaction(1, 3, 11, 12));
    for (long offset : new long[] {0, 3}) {
      assertThat(baseOffsetRead(offset)).isEqualTo(3);
    }
    for (long offset : new long[] {4, 9, 10}) {
      assertThat(baseOffsetRead(offset)).isEqualTo(10);
    }
    assertRejected(
        driver.log().append(placed(batch(5, "c"), 11, 5), 0, AppendOrigin.REPLICATION),
        ErrorCode.OFFSET_OUT_OF_RANGE);
    ByteBuffer damaged = placed(batch(5, "c"), 12, 5);
    damaged.put(damaged.limit() - 1, (byte) 1);
    assertRejected(
        driver.log().append(damaged, 0, AppendOrigin.REPLICATION), ErrorCode.CORRUPT_BATCH);
    driver.flush();
    files.cutPower(Survival.NONE, new Random(1));
    driver = open();
    assertThat(driver.log().logEndOffset()).isEqualTo(12);
    assertThat(baseOffsetRead(5)).isEqualTo(10);
  }

  private void replicate(ByteBuffer batch, long offset, int epoch) {
    assertThat(driver.log().append(placed(batch, offset, epoch), 0, AppendOrigin.REPLICATION))
        .isEqualTo(new AppendOutcome.Appended(offset, offset, -1));
  }

  private static ByteBuffer placed(ByteBuffer batch, long offset, int epoch) {
    RecordBatch.place(batch, 0, offset, epoch);
    return batch;
  }

  private long baseOffsetRead(long offset) throws IOException {
    ReadOutcome.Slice slice = driver.read(offset, 1, 12);
    ByteBuffer bytes = ByteBuffer.allocate(slice.range().length());
    slice.range().readFully(0, bytes);
    slice.range().release();
    return RecordBatch.at(bytes.flip(), 0).baseOffset();
  }

  /** Leaves one transaction open, of producer 9; returns what was aborted. */
  private List<AbortedTransaction> writeMany() throws IOException {
    for (int i = 0; i < 12; i++) {
      append(1, i, "long one " + i + "-".repeat(120));
      append(2, i, "short one " + i);
      end(2, i % 3 == 0 ? ControlRecordType.COMMIT : ControlRecordType.ABORT);
      if (i % 4 == 3) {
        end(1, ControlRecordType.ABORT);
      }
    }
    List<AbortedTransaction> all = aborted(0, Long.MAX_VALUE);
    append(9, 0, "open");
    driver.flush();
    return all;
  }

  private void end(String how) throws IOException {
    if (how.equals("closed")) {
      driver.close();
    }
    if (how.equals("powerless")) {
      files.cutPower(Survival.NONE, new Random(1));
    } else {
      files.kill();
    }
  }

  private void clear() throws IOException {
    files.kill();
    for (String name : files.list(DIRECTORY)) {
      files.delete(DIRECTORY.resolve(name));
    }
  }

  private void damage(String name, Random random) throws IOException {
    Path file = DIRECTORY.resolve(name);
    byte[] content = SmallFile.read(files, file);
    int kind = random.nextInt(3);
    if (kind == 0 || content.length == 0) {
      files.delete(file);
      return;
    }
    if (kind == 1) {
      content[random.nextInt(content.length)] ^= 4;
    } else {
      content = Arrays.copyOf(content, random.nextInt(content.length));
    }
    SmallFile.replace(files, file, content);
  }

  private boolean isLog(String name) {
    return name.endsWith(LogNames.LOG) || name.endsWith(LogNames.START);
  }

  private void appendPlain(String value) {
    driver.append(batch(1, value));
  }

  private void append(long producer, int sequence, String value) {
    assertThat(append(transactional(producer, 0, sequence, value), AppendOrigin.VERIFIED_CLIENT))
        .isInstanceOf(AppendOutcome.Appended.class);
  }

  private AppendOutcome append(ByteBuffer batch, AppendOrigin origin) {
    return driver.log().append(batch, 7, origin);
  }

  private void end(long producer, ControlRecordType type) {
    assertMarked(marker(type, producer, 0, 0));
  }

  private void assertMarked(ByteBuffer marker) {
    assertThat(append(marker, AppendOrigin.COORDINATOR)).isInstanceOf(AppendOutcome.Appended.class);
  }

  private long stable(long highWatermark) {
    return driver.log().lastStableOffset(highWatermark);
  }

  private List<AbortedTransaction> aborted(long from, long to) throws IOException {
    return driver.log().abortedTransactions(from, to).run();
  }

  private static void assertRejected(AppendOutcome outcome, ErrorCode code) {
    assertThat(outcome)
        .isInstanceOfSatisfying(
            AppendOutcome.Rejected.class, rejected -> assertThat(rejected.code()).isEqualTo(code));
  }
}
