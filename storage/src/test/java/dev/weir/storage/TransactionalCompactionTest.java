package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.disk.FileRange;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.record.Compression;
import dev.weir.core.record.ControlRecordType;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.RecordBatchBuilder;
import dev.weir.storage.disk.Fault;
import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class TransactionalCompactionTest {
  private static final Path DIRECTORY = Path.of("/data/orders-0");
  private static final long NOW = 1_700_000_000_000L;
  private static final long DAY = Duration.ofDays(1).toMillis();
  private static final String LONG = "x".repeat(400);

  private static final LogSettings SETTINGS =
      LogSettings.DEFAULTS
          .withSegmentBytes(1024)
          .withIndexIntervalBytes(100)
          .withRetention(RetentionSettings.DEFAULTS.withDeletes(false))
          .withCompaction(CompactionSettings.DEFAULTS.withCompacts(true));

  private final SimulatedLogFiles files = new SimulatedLogFiles(Path.of("/data"));
  private LogDriver driver = open();
  private int fillers;

  private LogDriver open() {
    try {
      return new LogDriver(files, DIRECTORY, SETTINGS);
    } catch (IOException unexpected) {
      throw new AssertionError(unexpected);
    }
  }

  @Test
  void anAbortedRecordNeitherStaysNorReplacesACommittedOne() throws IOException {
    append(1, 0, "k=committed" + LONG); // 0
    end(1, ControlRecordType.COMMIT); // 1
    append(1, 1, "k=aborted" + LONG); // 2
    append(1, 2, "other=aborted" + LONG); // 3
    end(1, ControlRecordType.ABORT); // 4
    append(2, 0, "k=newer" + LONG); // 5
    end(2, ControlRecordType.ABORT); // 6
    fill();
    clean(NOW);
    assertThat(KeyedLog.fold(entries())).containsEntry("k", "committed" + LONG);
    assertThat(entries()).noneMatch(entry -> String.valueOf(entry.value()).startsWith("aborted"));
    assertThat(entries()).noneMatch(entry -> String.valueOf(entry.value()).startsWith("newer"));
    assertThat(aborted()).isEmpty();
  }

  @Test
  void aMarkerStaysWhileRecordsOfItsTransactionDo() throws IOException {
    append(1, 0, "k=1" + LONG); // 0
    append(1, 1, "l=1" + LONG); // 1
    end(1, ControlRecordType.COMMIT); // 2
    fill();
    for (int day = 0; day < 6; day += 2) {
      clean(NOW + day * DAY);
      fill();
    }
    assertThat(offsets()).startsWith(0L, 1L, 2L);
    assertThat(batchAt(2).hasDeleteHorizon()).isFalse();
    append(2, 0, "k=2" + LONG);
    append(2, 1, "l=2" + LONG);
    end(2, ControlRecordType.COMMIT);
    expire();
    fill();
    clean(NOW + 10 * DAY); // the records go
    assertThat(batchAt(2).hasDeleteHorizon()).isFalse();
    fill();
    clean(NOW + 11 * DAY); // nothing is left to be ended
    assertThat(batchAt(2).deleteHorizon()).isEqualTo(NOW + 12 * DAY);
    fill();
    clean(NOW + 12 * DAY - 1);
    assertThat(offsets()).contains(2L);
    fill();
    clean(NOW + 12 * DAY);
    assertThat(offsets()).doesNotContain(0L, 1L, 2L);
    requireStableAfterEveryStart();
  }

  @Test
  void theMarkerOfAnAbortedTransactionGoesAfterItsDeleteHorizon() throws IOException {
    append(1, 0, "k=1" + LONG); // 0
    end(1, ControlRecordType.ABORT); // 1
    expire();
    fill();
    clean(NOW);
    assertThat(offsets()).contains(1L).doesNotContain(0L);
    fill();
    clean(NOW);
    assertThat(batchAt(1).deleteHorizon()).isEqualTo(NOW + DAY);
    fill();
    clean(NOW + DAY);
    assertThat(offsets()).doesNotContain(1L);
    requireStableAfterEveryStart();
  }

  @Test
  void leavesAllThatBeginsWithAnOpenTransaction() throws IOException {
    append(batch("k=0" + LONG)); // 0
    append(batch("k=1" + LONG)); // 1
    append(1, 0, "k=2" + LONG); // 2
    fill();
    append(batch("k=3" + LONG));
    fill();
    clean(NOW);
    assertThat(driver.log().uncleanable()).isNull();
    assertThat(entries().stream().map(KeyedLog.Entry::offset)).startsWith(1L, 2L, 3L, 4L, 5L, 6L);
    end(1, ControlRecordType.COMMIT);
    fill();
    clean(NOW);
    assertThat(entries().stream().map(KeyedLog.Entry::offset)).doesNotContain(1L, 2L);
  }

  @Test
  void theIndexIsRewrittenWithWhatVouchesForIt() throws IOException {
    for (int i = 0; i < 6; i++) {
      append(1, i, "k=" + i + LONG);
      end(1, ControlRecordType.ABORT);
    }
    fill();
    assertThat(aborted()).hasSize(6);
    assertThat(names(name -> name.endsWith(LogNames.ABORTED_INDEX))).hasSizeGreaterThan(2);
    clean(NOW);
    assertThat(aborted()).isEmpty();
    for (String name : names(name -> name.endsWith(LogNames.ABORTED_INDEX))) {
      assertThat(files.size(DIRECTORY.resolve(name))).as(name).isZero();
    }
    requireVouchedFor();
    driver.close();
    driver = open();
    assertThat(driver.report().recoveryCase()).isEqualTo(RecoveryCase.CLEAN);
    assertThat(aborted()).isEmpty();
  }

  @Test
  void theIndexKeepsWhatTheCleaningHasNotReached() throws IOException {
    for (int i = 0; i < 10; i++) {
      append(batch("key " + i + "=" + "-".repeat(40))); // 0 to 9
    }
    append(1, 0, "k=1"); // 10
    append(1, 1, "l=1"); // 11
    end(1, ControlRecordType.ABORT); // 12
    fill();
    CleaningLimits small =
        new CleaningLimits(
            Cleaning.ABORTED_BYTES + 12L * KeyOffsets.SLOT_BYTES, LogDriver.LIMITS.pace());
    var cleaned = driver.log().clean(NOW, end(), driver.loop(), small).toCompletableFuture();
    driver.loop().runAll();
    assertThat(cleaned.join().cleanedTo()).isLessThan(10);
    AbortedTransaction transaction = new AbortedTransaction(1, 10, 12, 13);
    assertThat(aborted()).containsExactly(transaction);
    requireVouchedFor();
    files.kill();
    driver = open();
    assertThat(aborted()).containsExactly(transaction);
    clean(NOW);
    assertThat(aborted()).isEmpty();
  }

  @Test
  void cleansAsFarAsItCanHoldWhatWasAborted() throws IOException {
    for (int i = 0; i < 12; i++) {
      append(1, i, "k=" + i + LONG);
      end(1, ControlRecordType.ABORT);
    }
    fill();
    CleaningLimits small = new CleaningLimits(8L * Cleaning.ABORTED_BYTES, LogDriver.LIMITS.pace());
    long reached = 0;
    while (reached < 24) {
      var cleaned = driver.log().clean(NOW, end(), driver.loop(), small).toCompletableFuture();
      driver.loop().runAll();
      assertThat(cleaned.join().cleanedTo()).isBetween(reached + 2, reached + 12);
      reached = cleaned.join().cleanedTo();
      long cleanedTo = reached;
      assertThat(aborted())
          .hasSize(12 - (int) Math.min(24, cleanedTo) / 2)
          .allMatch(each -> each.lastOffset() >= cleanedTo);
      assertThat(entries()).noneMatch(each -> each.key().equals("k") && each.offset() < cleanedTo);
      requireVouchedFor();
    }
  }

  @Test
  void saysThatASegmentHasMoreAbortedTransactionsThanItCanHold() throws IOException {
    for (int i = 0; i < 5; i++) {
      append(1, i, "k=" + i);
      end(1, ControlRecordType.ABORT);
    }
    fill();
    CleaningLimits small = new CleaningLimits(4L * Cleaning.ABORTED_BYTES, LogDriver.LIMITS.pace());
    var cleaned = driver.log().clean(NOW, end(), driver.loop(), small).toCompletableFuture();
    driver.loop().runAll();
    assertThat(cleaned).isCompletedExceptionally();
    assertThat(driver.log().uncleanable())
        .contains("more aborted transactions")
        .contains("log.cleaner.dedupe.buffer.size");
  }

  /** Recovery may begin with that snapshot, and would wait for the marker for ever. */
  @Test
  void aMarkerStaysWhileASnapshotShowsItsTransactionOpen() throws IOException {
    append(1, 0, "k=1" + LONG); // 0
    append(batch("k=2" + LONG)); // 1
    append(batch("l=3" + LONG + LONG)); // 2, in the next segment
    end(1, ControlRecordType.ABORT); // 3
    append(batch("m=4" + LONG + LONG));
    fill();
    long boundary = bases().get(1);
    for (int day = 0; day < 8; day += 2) {
      clean(NOW + day * DAY);
      if (day > 0) {
        assertThat(bases()).as("the boundary is still there").contains(boundary);
      }
      fill();
    }
    assertThat(batchAt(3).recordCount()).isEqualTo(1);
    files.kill();
    NumbersFile.replace(files, DIRECTORY.resolve(LogNames.RECOVERY_POINT), boundary);
    driver = open();
    assertThat(driver.log().lastStableOffset(end())).isEqualTo(end());
  }

  @Test
  void aSnapshotThatCouldNotBeWrittenYetIsWaitedFor() throws IOException {
    endATransactionBetweenSegments();
    int write = firstOperationOn(LogNames.PRODUCER_HISTORY);
    SimulatedLogFiles full = new SimulatedLogFiles(Path.of("/data"));
    full.failAt(write, Fault.DISK_FULL);
    driver = new LogDriver(full, DIRECTORY, SETTINGS);
    endATransactionBetweenSegments();
    assertThat(driver.log().flushedOffset()).isEqualTo(end());
    assertThat(driver.log().cleanable(NOW, end()).dirtyBytes()).isZero();
    full.freeSpace();
    append(batch("k=4"));
    driver.flush();
    assertThat(driver.log().cleanable(NOW, end()).dirtyBytes()).isPositive();
  }

  private void endATransactionBetweenSegments() {
    append(1, 0, "k=1" + LONG);
    end(1, ControlRecordType.ABORT);
    append(batch("k=2" + LONG));
    append(batch("k=3" + LONG));
    driver.flush();
  }

  private int firstOperationOn(String suffix) {
    List<String> trace = files.trace();
    for (int i = 0; i < trace.size(); i++) {
      if (trace.get(i).contains(suffix)) {
        return i + 1;
      }
    }
    throw new AssertionError("no " + suffix + " in " + trace);
  }

  @Test
  void theMarkerThatBeganTheEpochOfALiveProducerStays() throws IOException {
    append(1, 0, "k=1" + LONG); // 0
    append(TestBatches.marker(ControlRecordType.ABORT, 1, 3, 0), AppendOrigin.COORDINATOR); // 1
    fill();
    for (int day = 0; day < 6; day += 2) {
      clean(NOW + day * DAY);
      fill();
    }
    assertThat(offsets()).contains(1L);
    killWithoutSnapshots();
    assertThat(append(keyed(1, 0, 1, "k=late"), AppendOrigin.VERIFIED_CLIENT))
        .isInstanceOfSatisfying(
            AppendOutcome.Rejected.class,
            rejected -> assertThat(rejected.code()).isEqualTo(ErrorCode.FENCED_PRODUCER));
  }

  @Test
  void theNewestBatchOfAnAbortedTransactionIsKeptForItsSequence() throws IOException {
    append(1, 0, "k=1" + LONG); // 0
    append(1, 1, "k=2" + LONG); // 1
    end(1, ControlRecordType.ABORT); // 2
    fill();
    for (int day = 0; day < 6; day += 2) {
      clean(NOW + day * DAY);
      fill();
    }
    assertThat(batches()).as("without its marker").noneMatch(RecordBatch::isControl);
    assertThat(batchAt(1).recordCount()).isZero();
    killWithoutSnapshots();
    assertThat(driver.log().lastStableOffset(end())).isEqualTo(end());
    assertThat(append(keyed(1, 0, 1, "k=2" + LONG), AppendOrigin.VERIFIED_CLIENT))
        .isEqualTo(new AppendOutcome.Duplicate(1, 1));
    assertThat(append(keyed(1, 0, 2, "k=3"), AppendOrigin.VERIFIED_CLIENT))
        .isInstanceOf(AppendOutcome.Appended.class);
  }

  @Test
  void whoReadsWhileALogIsCleanedKnowsWhatIsAbortedOfWhatItReads() throws IOException {
    append(1, 0, "k=1" + LONG); // 0
    append(1, 1, "l=1" + LONG); // 1
    end(1, ControlRecordType.ABORT); // 2
    fill();
    FileRange range = driver.read(0, 1 << 20, end()).range();
    AbortedLookup lookup = driver.log().abortedTransactions(0, end());
    clean(NOW);
    assertThat(aborted()).isEmpty();
    ByteBuffer bytes = ByteBuffer.allocate(range.length());
    range.readFully(0, bytes);
    List<RecordBatch> read = TestBatches.split(bytes.flip());
    assertThat(read.get(0).recordCount()).isEqualTo(1);
    List<AbortedTransaction> said = lookup.run();
    assertThat(TransactionalModel.visible(read, said).stream().map(RecordBatch::baseOffset))
        .doesNotContain(0L, 1L);
    assertThat(TransactionalModel.visibleToKafka(read, said).stream().map(RecordBatch::baseOffset))
        .doesNotContain(0L, 1L);
    range.release();
    driver.loop().runAll();
  }

  /** What {@link CrashPointsTest} interrupts. */
  @Test
  void theScriptReplacesIndexesAndDropsMarkers() throws IOException {
    CompactingTransactionsScript script = new CompactingTransactionsScript(files);
    driver.close();
    files.kill();
    for (String name : names(name -> true)) {
      files.delete(DIRECTORY.resolve(name));
    }
    script.run();
    for (String suffix : List.of(LogNames.ABORTED_INDEX, LogNames.PRODUCER_HISTORY)) {
      assertThat(files.trace())
          .filteredOn(each -> each.startsWith("rename") && each.contains(suffix + LogNames.CLEANED))
          .hasSizeGreaterThan(5);
    }
    driver = open();
    assertThat(batches()).filteredOn(RecordBatch::isControl).hasSizeBetween(1, 9);
  }

  /** Forgets the producers that are there. */
  private void expire() {
    driver.flush();
    long later = NOW + SETTINGS.retention().producerExpiration().toMillis() + DAY;
    driver.log().retain(later, end());
    driver.loop().runAll();
  }

  private void requireStableAfterEveryStart() throws IOException {
    assertThat(driver.log().lastStableOffset(end())).isEqualTo(end());
    files.kill();
    driver = open();
    assertThat(driver.log().lastStableOffset(end())).isEqualTo(end());
    killWithoutSnapshots();
    assertThat(driver.log().lastStableOffset(end())).isEqualTo(end());
    assertThat(aborted()).isEmpty();
  }

  private void killWithoutSnapshots() throws IOException {
    driver.flush();
    files.kill();
    files.delete(DIRECTORY.resolve(LogNames.RECOVERY_POINT));
    for (String name : names(each -> each.endsWith(LogNames.PRODUCER_SNAPSHOT))) {
      files.delete(DIRECTORY.resolve(name));
    }
    driver = open();
  }

  /** Every segment that takes no more batches has an index that the snapshot at its end knows. */
  private void requireVouchedFor() throws IOException {
    ProducerSnapshots snapshots = new ProducerSnapshots(files, DIRECTORY);
    List<Long> bases = bases();
    for (int i = 1; i < bases.size(); i++) {
      Path index = DIRECTORY.resolve(LogNames.of(bases.get(i - 1), LogNames.ABORTED_INDEX));
      byte[] entries = files.exists(index) ? SmallFile.read(files, index) : new byte[0];
      ProducerSnapshots.Loaded end = snapshots.read(bases.get(i));
      assertThat(end).isNotNull();
      assertThat(end.aborted()).isEqualTo(AbortedIndex.Summary.of(ByteBuffer.wrap(entries)));
    }
  }

  private List<Long> bases() throws IOException {
    return names(name -> name.endsWith(LogNames.LOG)).stream()
        .map(name -> LogNames.offsetIn(name, LogNames.LOG).getAsLong())
        .toList();
  }

  private List<String> names(Predicate<String> wanted) throws IOException {
    return files.list(DIRECTORY).stream().filter(wanted).toList();
  }

  private void clean(long nowMillis) {
    assertThat(driver.clean(nowMillis)).isCompleted();
  }

  private List<RecordBatch> batches() throws IOException {
    return KeyedLog.batches(driver, 1 << 20);
  }

  private RecordBatch batchAt(long offset) throws IOException {
    return batches().stream().filter(each -> each.baseOffset() == offset).findFirst().orElseThrow();
  }

  /** Of batches. */
  private List<Long> offsets() throws IOException {
    return batches().stream().map(RecordBatch::baseOffset).toList();
  }

  private List<KeyedLog.Entry> entries() throws IOException {
    return KeyedLog.entries(batches());
  }

  private List<AbortedTransaction> aborted() throws IOException {
    return driver.log().abortedTransactions(0, end()).run();
  }

  private long end() {
    return driver.log().logEndOffset();
  }

  /** Completes what was appended before, and flushes it. */
  private void fill() {
    for (int i = 0; i < 3; i++) {
      append(batch("filler " + fillers++ % 3 + "=" + LONG));
    }
    driver.flush();
  }

  private static ByteBuffer batch(String record) {
    return KeyedLog.batch(record);
  }

  private static ByteBuffer keyed(long producer, int epoch, int sequence, String record) {
    RecordBatchBuilder builder = KeyedLog.builder(Compression.NONE, NOW - 1, record);
    builder.producer(producer, (short) epoch, sequence, true);
    return builder.build();
  }

  private void append(ByteBuffer batch) {
    driver.append(batch);
  }

  private void append(long producer, int sequence, String record) {
    assertThat(append(keyed(producer, 0, sequence, record), AppendOrigin.VERIFIED_CLIENT))
        .isInstanceOf(AppendOutcome.Appended.class);
  }

  private void end(long producer, ControlRecordType type) {
    assertThat(append(TestBatches.marker(type, producer, 0, 0), AppendOrigin.COORDINATOR))
        .isInstanceOf(AppendOutcome.Appended.class);
  }

  private AppendOutcome append(ByteBuffer batch, AppendOrigin origin) {
    return driver.log().append(batch, 7, origin);
  }
}
