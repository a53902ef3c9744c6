package dev.weir.storage;

import static dev.weir.storage.KeyedLog.batch;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.disk.FileRange;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.record.Compression;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.RecordBatchBuilder;
import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.Test;

class CompactionTest {
  private static final Path ROOT = Path.of("/data");
  private static final long NOW = 1_700_000_000_000L;
  private static final long DAY = Duration.ofDays(1).toMillis();
  private static final String LONG = "x".repeat(400);

  private static final LogSettings SETTINGS =
      LogSettings.DEFAULTS
          .withSegmentBytes(1024)
          .withIndexIntervalBytes(100)
          .withRetention(RetentionSettings.DEFAULTS.withDeletes(false))
          .withCompaction(CompactionSettings.DEFAULTS.withCompacts(true));

  private final SimulatedLogFiles files = new SimulatedLogFiles(ROOT);
  private final ManualTime time = new ManualTime();

  @Test
  void keepsTheLastValueOfEachKeyAtItsOffset() throws IOException {
    LogDriver driver = open(SETTINGS);
    for (int i = 0; i < 12; i++) {
      driver.append(batch("k" + i % 3 + "=" + i + LONG));
    }
    driver.flush();
    CleaningReport report = driver.clean(NOW).join();
    assertThat(report.cleanedTo()).isEqualTo(10);
    assertThat(report.bytesRead()).isGreaterThan(2 * report.bytesWritten());
    assertThat(report.bytesRead()).isEqualTo(2 * report.bytesBefore());
    assertThat(report.bytesKept()).isBetween(report.bytesWritten(), report.bytesBefore() / 2);
    assertThat(offsets(driver)).containsExactly(7L, 8L, 9L, 10L, 11L);
    fill(driver);
    assertThat(driver.clean(NOW)).isCompleted();
    assertThat(logs()).as("small segments become one").hasSizeLessThan(6);
    for (long offset = 0; offset < 15; offset++) {
      ReadOutcome.Slice slice = driver.read(offset, 1 << 20, 15);
      assertThat(slice.nextOffset()).isGreaterThan(offset);
      slice.range().release();
    }
    driver.close();
    LogDriver reopened = open(SETTINGS);
    assertThat(reopened.report().recoveryCase()).isEqualTo(RecoveryCase.CLEAN);
    assertThat(reopened.report().scannedBytes()).as("segments with gaps are trusted").isZero();
    assertThat(offsets(reopened)).containsExactly(9L, 10L, 11L, 12L, 13L, 14L);
    assertThat(reopened.log().cleanable(NOW, 15).dirtyBytes()).isZero();
  }

  @Test
  void refusesAWholeBatchWhenOneRecordHasNoKey() throws IOException {
    LogDriver driver = open(SETTINGS);
    AppendOutcome outcome = driver.log().append(TestBatches.batch(1, "no key"), 1);
    assertThat(outcome)
        .isInstanceOfSatisfying(
            AppendOutcome.Rejected.class,
            rejected -> assertThat(rejected.code()).isEqualTo(ErrorCode.INVALID_RECORD));
    assertThat(driver.log().logEndOffset()).isZero();
  }

  @Test
  void dropsRecordsWithoutAKeyThatWereThereBefore() throws IOException {
    LogDriver driver =
        open(SETTINGS.withCompaction(CompactionSettings.DEFAULTS.withCompacts(false)));
    for (int i = 0; i < 4; i++) {
      driver.append(TestBatches.batch(1, i + LONG));
    }
    driver.append(batch("k=" + LONG));
    driver.append(batch("l=" + LONG));
    driver.flush();
    driver.log().reconfigure(SETTINGS);
    assertThat(driver.clean(NOW)).isCompleted();
    assertThat(offsets(driver)).containsExactly(4L, 5L);
  }

  @Test
  void keepsATombstoneUntilItsDeleteHorizonHasPassed() throws IOException {
    LogDriver driver = open(SETTINGS);
    driver.append(batch("k=" + LONG));
    driver.append(batch("k"));
    fill(driver);
    assertThat(driver.clean(NOW)).isCompleted();
    assertThat(offsets(driver)).contains(1L).doesNotContain(0L);
    RecordBatch tombstone = KeyedLog.batches(driver, 1 << 20).get(0);
    assertThat(tombstone.deleteHorizon()).isEqualTo(NOW + DAY);
    fill(driver);
    assertThat(driver.clean(NOW + DAY - 1)).isCompleted();
    assertThat(offsets(driver)).contains(1L);
    fill(driver);
    assertThat(driver.clean(NOW + DAY)).isCompleted();
    assertThat(offsets(driver)).doesNotContain(1L);
  }

  @Test
  void leavesWhatIsActiveNotFlushedOrNotVisible() throws IOException {
    LogDriver driver = open(SETTINGS);
    for (int i = 0; i < 6; i++) {
      driver.append(batch("k=" + i + LONG));
    }
    assertThat(driver.log().cleanable(NOW, 6).dirtyBytes()).as("not flushed").isZero();
    driver.flush();
    assertThat(driver.log().cleanable(NOW, 3).dirtyBytes()).isBetween(900L, 1024L);
    assertThat(driver.log().cleanable(NOW, 6).dirtyBytes()).isBetween(1800L, 2048L);
    assertThat(driver.log().cleanable(NOW, 6).isDue()).isTrue();
  }

  @Test
  void waitsForTheLeastLagAndNotBeyondTheMost() throws IOException {
    CompactionSettings lags =
        SETTINGS
            .compaction()
            .withMinLag(Duration.ofHours(1))
            .withMaxLag(Duration.ofHours(3))
            .withMinDirtyRatio(1);
    LogDriver driver = open(SETTINGS.withCompaction(lags));
    for (int i = 0; i < 6; i++) {
      driver.append(KeyedLog.builder(Compression.NONE, time.wallMillis(), "k=" + i + LONG).build());
    }
    driver.flush();
    assertThat(driver.log().cleanable(time.wallMillis(), 6).dirtyBytes()).isZero();
    time.pass(Duration.ofHours(2));
    CleanableShare share = driver.log().cleanable(time.wallMillis(), 6);
    assertThat(share.dirtyBytes()).isPositive();
    assertThat(share.overdue()).isFalse();
    time.pass(Duration.ofHours(2));
    driver.log().cleanable(time.wallMillis(), 6); // completes the active segment
    driver.loop().runAll();
    share = driver.log().cleanable(time.wallMillis(), 6);
    assertThat(share.overdue()).isTrue();
    assertThat(share.isDue()).isTrue();
    assertThat(driver.clean(time.wallMillis())).isCompleted();
    assertThat(offsets(driver)).containsExactly(5L);
  }

  @Test
  void keepsTheNewestBatchOfALiveProducerSoThatItGoesOnAfterACrash() throws IOException {
    LogDriver driver = open(SETTINGS);
    driver.append(produced(0, "k=a" + LONG));
    driver.append(produced(1, "k=b" + LONG));
    fill(driver);
    driver.append(batch("k=c" + LONG));
    fill(driver);
    assertThat(driver.clean(NOW)).isCompleted();
    assertThat(offsets(driver)).doesNotContain(0L, 1L);
    driver.loop().runAll();
    files.kill();
    for (String name : files.list(ROOT.resolve("orders-0"))) {
      if (name.endsWith(LogNames.PRODUCER_SNAPSHOT)) {
        files.delete(ROOT.resolve("orders-0").resolve(name));
      }
    }
    LogDriver reopened = open(SETTINGS);
    assertThat(reopened.log().append(produced(1, "k=b" + LONG), 7))
        .isEqualTo(new AppendOutcome.Duplicate(1, 1));
    assertThat(reopened.log().append(produced(2, "k=d"), 7))
        .isInstanceOf(AppendOutcome.Appended.class);
  }

  @Test
  void isWholeWhenAnOlderFlushPointLiesInWhatCompactionTook() throws IOException {
    LogDriver driver = open(SETTINGS);
    for (int i = 0; i < 12; i++) {
      driver.append(batch("k" + i % 3 + "=" + i + LONG));
    }
    driver.flush();
    assertThat(driver.clean(NOW)).isCompleted();
    assertThat(offsets(driver)).startsWith(7L);
    Path point = ROOT.resolve("orders-0").resolve(LogNames.RECOVERY_POINT);
    NumbersFile.replace(files, point, 1);
    files.kill();
    assertThat(open(SETTINGS).report().recoveryCase()).isEqualTo(RecoveryCase.WHOLE);
  }

  @Test
  void readsOnFromASegmentThatWasReplaced() throws IOException {
    LogDriver driver = open(SETTINGS);
    for (int i = 0; i < 6; i++) {
      driver.append(batch("k=" + i + LONG));
    }
    driver.flush();
    FileRange pinned = driver.read(0, 1 << 20, 6).range();
    assertThat(driver.clean(NOW)).isCompleted();
    ByteBuffer bytes = ByteBuffer.allocate(pinned.length());
    pinned.readFully(0, bytes);
    assertThat(TestBatches.values(bytes.flip())).startsWith("0" + LONG);
    pinned.release();
    driver.loop().runAll();
  }

  @Test
  void findsTimestampsAmongTheRecordsThatAreLeft() throws IOException {
    LogDriver driver = open(SETTINGS);
    for (int i = 0; i < 8; i++) {
      driver.append(
          KeyedLog.builder(Compression.NONE, 1_000L * i, "k" + i % 2 + "=" + LONG).build());
    }
    driver.flush();
    assertThat(driver.clean(NOW)).isCompleted();
    assertThat(offsets(driver)).containsExactly(4L, 5L, 6L, 7L);
    assertThat(driver.log().offsetForTimestamp(1_500, 8).run())
        .isEqualTo(new OffsetOutcome.Found(4, 4_000));
    assertThat(driver.log().offsetForTimestamp(4_500, 8).run())
        .isEqualTo(new OffsetOutcome.Found(5, 5_000));
  }

  @Test
  void cleansAsFarAsTheTableOfKeysReachesThenTheRest() throws IOException {
    LogDriver driver = open(SETTINGS);
    for (int i = 0; i < 40; i++) {
      driver.append(batch("k" + i % 20 + "=" + i + "y".repeat(100)));
    }
    fill(driver);
    CleaningLimits small = new CleaningLimits(16L * KeyOffsets.SLOT_BYTES, LogDriver.LIMITS.pace());
    List<Long> reached = new ArrayList<>();
    while (driver.log().cleanable(NOW, driver.log().logEndOffset()).dirtyBytes() > 0) {
      var cleaned =
          driver
              .log()
              .clean(NOW, driver.log().logEndOffset(), driver.loop(), small)
              .toCompletableFuture();
      driver.loop().runAll();
      reached.add(cleaned.join().cleanedTo());
      if (reached.size() > 1 && reached.get(reached.size() - 2) >= 40) {
        break;
      }
    }
    assertThat(reached).startsWith(12L).isSorted();
    assertThat(offsets(driver).stream().filter(offset -> offset < 40))
        .hasSize(20)
        .allMatch(offset -> offset >= 20);
  }

  @Test
  void doesNotCleanADamagedSegmentAndStaysOnline() throws IOException {
    LogDriver driver = open(SETTINGS);
    for (int i = 0; i < 6; i++) {
      driver.append(batch("k=" + i + LONG));
    }
    driver.flush();
    Path log = ROOT.resolve("orders-0").resolve(LogNames.of(0, LogNames.LOG));
    try (var file = files.open(log)) {
      file.truncate(600);
      file.append(ByteBuffer.allocate(1024 - 600));
    }
    assertThat(driver.clean(NOW)).isCompletedExceptionally();
    assertThat(driver.log().uncleanable()).contains("damaged");
    assertThat(driver.log().isOffline()).isFalse();
    assertThat(driver.log().cleanable(NOW, 6)).isEqualTo(CleanableShare.NONE);
    assertThat(files.list(ROOT.resolve("orders-0"))).noneMatch(n -> n.endsWith(LogNames.CLEANED));
  }

  @Test
  void abandonsACleaningWhenTheLogIsClosedDeletedOrTrimmedInBetween() throws IOException {
    for (int steps = 0; steps < 12; steps++) {
      for (int end = 0; end < 3; end++) {
        SimulatedLogFiles disk = new SimulatedLogFiles(ROOT);
        LogDriver driver = new LogDriver(disk, ROOT.resolve("orders-0"), SETTINGS, time);
        for (int i = 0; i < 9; i++) {
          driver.append(batch("k" + i % 2 + "=" + i + LONG));
        }
        driver.flush();
        var cleaned =
            driver.log().clean(NOW, 9, driver.loop(), LogDriver.LIMITS).toCompletableFuture();
        for (int step = 0; step < steps; step++) {
          driver.loop().runOne();
        }
        switch (end) {
          case 0 -> driver.close();
          case 1 -> {
            var deleted = driver.log().delete(UUID.randomUUID()).toCompletableFuture();
            driver.loop().runAll();
            assertThat(deleted).isCompleted();
            assertThat(disk.list(ROOT)).isEmpty();
          }
          default -> {
            var moved = driver.log().deleteBefore(5).toCompletableFuture();
            driver.loop().runAll();
            assertThat(moved).isCompletedWithValue(5L);
            assertThat(driver.log().uncleanable()).isNull();
            driver.close();
          }
        }
        assertThat(cleaned).isDone();
        if (end != 1) {
          LogDriver reopened = new LogDriver(disk, ROOT.resolve("orders-0"), SETTINGS, time);
          assertThat(reopened.report().recoveryCase()).isEqualTo(RecoveryCase.CLEAN);
          assertThat(KeyedLog.fold(KeyedLog.entries(KeyedLog.batches(reopened, 1 << 20))))
              .containsEntry("k0", "8" + LONG)
              .containsEntry("k1", "7" + LONG);
        }
      }
    }
  }

  /** Each number is one step of a log's life: an append, a flush, a cleaning, a reopening. */
  @Property(tries = 150)
  void showsWhatTheWholeLogWouldWhateverItsLife(
      @ForAll @Size(min = 20, max = 120) List<@IntRange(max = 999) Integer> steps)
      throws IOException {
    SimulatedLogFiles disk = new SimulatedLogFiles(ROOT);
    LogDriver driver = new LogDriver(disk, ROOT.resolve("orders-0"), SETTINGS, time);
    List<KeyedLog.Entry> appended = new ArrayList<>();
    int[] sequences = new int[3];
    long now = NOW;
    for (int step : steps) {
      int kind = step % 20;
      if (kind < 15) {
        append(driver, step, sequences, appended);
      } else if (kind < 17) {
        driver.flush();
      } else if (kind < 19) {
        driver.flush();
        now += step * 200_000L;
        assertThat(driver.clean(now)).isCompleted();
      } else {
        driver.close();
        driver = new LogDriver(disk, ROOT.resolve("orders-0"), SETTINGS, time);
      }
      check(driver, appended);
    }
  }

  private static void append(
      LogDriver driver, int step, int[] sequences, List<KeyedLog.Entry> appended) {
    int count = 1 + step % 4;
    long timestamp = NOW - 5_000_000 + 13L * appended.size() - step;
    String[] records = new String[count];
    List<KeyedLog.Entry> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String key = "key " + (step / 7 + i * 3) % 9;
      String value = (step + i) % 5 == 0 ? null : step + "/" + i + "-".repeat(step % 90);
      records[i] = value == null ? key : key + "=" + value;
      entries.add(new KeyedLog.Entry(appended.size() + i, timestamp, key, value));
    }
    Compression codec = Compression.ofId(step % 5);
    RecordBatchBuilder builder = KeyedLog.builder(codec, timestamp, records);
    int producer = step % 4;
    if (producer < 3) {
      builder.producer(50 + producer, (short) 1, sequences[producer], false);
      sequences[producer] += count; // taken as the next one after every cleaning and reopening
    }
    assertThat(driver.append(builder.build())).isEqualTo(appended.size());
    appended.addAll(entries);
  }

  private static void check(LogDriver driver, List<KeyedLog.Entry> appended) throws IOException {
    List<RecordBatch> batches = KeyedLog.batches(driver, 900);
    List<KeyedLog.Entry> readable = KeyedLog.entries(batches);
    assertThat(appended).containsAll(readable);
    assertThat(KeyedLog.fold(readable)).isEqualTo(KeyedLog.fold(appended));
    Map<String, KeyedLog.Entry> last = KeyedLog.newest(appended);
    last.values().removeIf(entry -> entry.value() == null);
    assertThat(readable).containsAll(last.values());
    int seen = 0;
    for (RecordBatch batch : batches) {
      for (var kafkas : MemoryRecords.readableRecords(batch.buffer()).batches()) {
        kafkas.ensureValid();
        for (var record : kafkas) {
          assertThat(record.offset()).isEqualTo(readable.get(seen).offset());
          assertThat(record.timestamp()).isEqualTo(readable.get(seen).timestamp());
          seen++;
        }
      }
    }
    assertThat(seen).isEqualTo(readable.size());
  }

  private LogDriver open(LogSettings settings) throws IOException {
    return new LogDriver(files, ROOT.resolve("orders-0"), settings, time);
  }

  /** Completes what was appended before, and flushes it. */
  private static void fill(LogDriver driver) {
    for (int i = 0; i < 3; i++) {
      driver.append(batch("filler " + i + "=" + LONG));
    }
    driver.flush();
  }

  private static ByteBuffer produced(int sequence, String record) {
    RecordBatchBuilder builder = KeyedLog.builder(Compression.NONE, NOW - 1, record);
    builder.producer(9, (short) 0, sequence, false);
    return builder.build();
  }

  private static List<Long> offsets(LogDriver driver) throws IOException {
    return KeyedLog.entries(KeyedLog.batches(driver, 1 << 20)).stream()
        .map(KeyedLog.Entry::offset)
        .toList();
  }

  private List<String> logs() throws IOException {
    return files.list(ROOT.resolve("orders-0")).stream()
        .filter(name -> name.endsWith(LogNames.LOG))
        .toList();
  }
}
