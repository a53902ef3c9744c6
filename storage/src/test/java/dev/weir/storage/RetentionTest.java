package dev.weir.storage;

import static dev.weir.storage.TestBatches.batch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.record.TimestampBounds;
import dev.weir.storage.disk.Fault;
import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class RetentionTest {
  private static final Path DIRECTORY = Path.of("/data/orders-0");
  private static final Duration HOUR = Duration.ofHours(1);

  /** Every batch below fills a segment of its own. */
  private static final RetentionSettings HOURS =
      RetentionSettings.DEFAULTS.withMaxAge(HOUR.multipliedBy(10));

  private final SimulatedLogFiles files = new SimulatedLogFiles(Path.of("/data"));
  private final ManualTime time = new ManualTime();

  @Test
  void deletesSegmentsWhoseNewestRecordIsTooOld() throws IOException {
    LogDriver driver = open(HOURS);
    appendHourly(driver, 12);
    retain(driver);
    // the newest is 1 hour old, offset 0 is 12 hours old
    assertThat(driver.log().logStartOffset()).isEqualTo(2);
    assertThat(driver.values()).hasSize(10).startsWith(value(2));
    assertThat(names()).noneMatch(name -> name.startsWith("00000000000000000001."));
    assertThat(driver.log().sizeInBytes()).isEqualTo(8 * size(value(2)) + 2 * size(value(10)));
  }

  @Test
  void answersReadsBelowTheStartWithBothEnds() throws IOException {
    LogDriver driver = open(HOURS);
    appendHourly(driver, 12);
    retain(driver);
    assertThat(driver.log().read(1, 100, 12)).isEqualTo(new ReadOutcome.OutOfRange(2, 12));
  }

  @Test
  void keepsAsManyBytesAsItIsTold() throws IOException {
    long three = 3 * size(value(9));
    LogDriver driver = open(RetentionSettings.DEFAULTS.withMaxBytes(three));
    appendHourly(driver, 12);
    retain(driver);
    assertThat(driver.log().logStartOffset()).isEqualTo(9);
    driver.log().reconfigure(settings(RetentionSettings.DEFAULTS.withMaxBytes(0)));
    retain(driver);
    assertThat(driver.log().logStartOffset()).isEqualTo(11);
  }

  @Test
  void emptiesAQuietLogAndKeepsItsOffsets() throws IOException {
    LogDriver driver = open(HOURS);
    appendHourly(driver, 3);
    time.pass(Duration.ofDays(1));
    retain(driver);
    assertThat(driver.log().logStartOffset()).isEqualTo(3);
    assertThat(driver.log().sizeInBytes()).isZero();
    LogDriver reopened = open(HOURS);
    assertThat(reopened.log().logStartOffset()).isEqualTo(3);
    assertThat(reopened.append(batch(0, "next"))).isEqualTo(3);
    assertThat(names().stream().filter(name -> name.endsWith(".log")))
        .containsExactly("00000000000000000003.log");
  }

  @Test
  void deletesNothingBeyondTheLimit() throws IOException {
    LogDriver driver = open(HOURS);
    appendHourly(driver, 5);
    time.pass(Duration.ofDays(1));
    driver.log().retain(time.wallMillis(), 2);
    driver.loop().runAll();
    assertThat(driver.log().logStartOffset()).isEqualTo(2);
  }

  @Test
  void deletesNothingThatIsCompactedOnly() throws IOException {
    LogDriver driver = open(HOURS.withDeletes(false).withMaxBytes(0));
    appendHourly(driver, 5);
    time.pass(Duration.ofDays(1));
    retain(driver);
    assertThat(driver.log().logStartOffset()).isZero();
  }

  @Test
  void takesChangedSettingsAtOnce() throws IOException {
    LogDriver driver = open(RetentionSettings.DEFAULTS);
    appendHourly(driver, 12);
    retain(driver);
    assertThat(driver.log().logStartOffset()).isZero();
    driver.log().reconfigure(settings(HOURS));
    retain(driver);
    assertThat(driver.log().logStartOffset()).isEqualTo(2);
  }

  @Test
  void doesNotBelieveTimestampsThatCannotBeTrue() throws IOException {
    LogDriver driver = open(HOURS);
    for (long timestamp :
        new long[] {0, 1_000, time.wallMillis() + Duration.ofDays(999).toMillis()}) {
      driver.append(batch(timestamp, value(0)));
    }
    time.pass(HOUR.multipliedBy(9));
    retain(driver);
    assertThat(driver.log().logStartOffset()).isZero();
    time.pass(HOUR.multipliedBy(2));
    retain(driver);
    assertThat(driver.log().logStartOffset()).isEqualTo(3);
  }

  @Test
  void rollsByAgeWhateverTheWallClockSays() throws IOException {
    LogDriver driver = open(RetentionSettings.DEFAULTS.withSegmentAge(HOUR), 1 << 20);
    driver.append(batch(time.wallMillis(), "a"));
    time.jump(Duration.ofDays(3650));
    driver.append(batch(time.wallMillis(), "b"));
    time.jump(Duration.ofDays(-5000));
    time.pass(Duration.ofMinutes(59));
    driver.append(batch(time.wallMillis(), "c"));
    assertThat(logs()).isEqualTo(1);
    time.pass(Duration.ofMinutes(1));
    driver.append(batch(time.wallMillis(), "d"));
    assertThat(logs()).isEqualTo(2);
    driver.append(batch(0, "e"));
    assertThat(logs()).isEqualTo(2);
    assertThat(driver.values()).containsExactly("a", "b", "c", "d", "e");
  }

  @Test
  void remembersTheAgeOfASegmentOverARestart() throws IOException {
    RetentionSettings hourly = RetentionSettings.DEFAULTS.withSegmentAge(HOUR);
    LogDriver driver = open(hourly, 1 << 20);
    driver.append(batch(time.wallMillis(), "a"));
    time.pass(Duration.ofMinutes(30));
    driver.close();
    LogDriver reopened = open(hourly, 1 << 20);
    reopened.append(batch(time.wallMillis(), "b"));
    assertThat(logs()).isEqualTo(1);
    time.pass(Duration.ofMinutes(30));
    reopened.append(batch(time.wallMillis(), "c"));
    assertThat(logs()).isEqualTo(2);
  }

  @Test
  void leavesARangeThatIsOutAlone() throws IOException {
    LogDriver driver = open(HOURS);
    appendHourly(driver, 3);
    ReadOutcome.Slice slice = driver.read(0, 1, 3);
    OffsetLookup search = driver.log().offsetForTimestamp(0, 3);
    assertThat(delete(driver, 2)).isCompletedWithValue(2L);
    ByteBuffer bytes = ByteBuffer.allocate(slice.range().length());
    slice.range().readFully(0, bytes);
    slice.range().release();
    assertThat(TestBatches.values(bytes.flip())).containsExactly(value(0));
    assertThat(search.run()).isEqualTo(new OffsetOutcome.Found(0, 1_700_000_000_000L));
    driver.loop().runAll();
    assertThat(names()).noneMatch(name -> name.startsWith("00000000000000000000."));
  }

  @Test
  void startsInTheMiddleOfASegmentToo() throws IOException {
    LogDriver driver = open(RetentionSettings.DEFAULTS, 1 << 20);
    driver.append(batch(1_000, "a", "b", "c"));
    driver.append(batch(2_000, "d", "e"));
    assertThat(delete(driver, 1)).isCompletedWithValue(1L);
    assertThat(driver.log().read(0, 1, 5)).isEqualTo(new ReadOutcome.OutOfRange(1, 5));
    // a reader of offset 1 gets the whole batch and skips what is below
    assertThat(driver.values()).containsExactly("a", "b", "c", "d", "e");
    assertThat(driver.log().offsetForTimestamp(1_000, 5).run())
        .isEqualTo(new OffsetOutcome.Found(1, 1_001));
    assertThat(delete(driver, 3)).isCompletedWithValue(3L);
    assertThat(driver.log().offsetForTimestamp(1_000, 5).run())
        .isEqualTo(new OffsetOutcome.Found(3, 2_000));
    files.kill();
    LogDriver reopened = open(RetentionSettings.DEFAULTS, 1 << 20);
    assertThat(reopened.report().recoveryCase()).isEqualTo(RecoveryCase.WHOLE);
    assertThat(reopened.log().logStartOffset()).isEqualTo(3);
    assertThat(reopened.values()).containsExactly("d", "e");
  }

  @Test
  void searchesLaterSegmentsWhenTheFirstReachesATimeBelowTheStartOnly() throws IOException {
    LogDriver driver = open(RetentionSettings.DEFAULTS);
    driver.append(batch(9_000, "a"));
    driver.append(batch(1_000, "b"));
    driver.append(batch(9_500, value(2) + value(2)));
    assertThat(logs()).isEqualTo(2);
    assertThat(delete(driver, 1)).isCompletedWithValue(1L);
    assertThat(driver.log().offsetForTimestamp(8_000, 3).run())
        .isEqualTo(new OffsetOutcome.Found(2, 9_500));
  }

  @Test
  void movesTheStartForwardOnlyAndNotBeyondTheEnd() throws IOException {
    LogDriver driver = open(HOURS);
    appendHourly(driver, 3);
    assertThat(delete(driver, 2)).isCompletedWithValue(2L);
    assertThat(delete(driver, 1)).isCompletedWithValue(2L);
    assertThatThrownBy(() -> delete(driver, 4).join())
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            WeirException.class,
            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE))
        .hasMessageContaining("ends at 3");
  }

  @Test
  void flushesWhatItKeepsBeforeTheStartMoves() throws IOException {
    LogDriver driver = open(HOURS);
    driver.append(batch(time.wallMillis(), value(0)));
    driver.append(batch(time.wallMillis(), value(1)));
    assertThat(driver.log().flushedOffset()).isZero();
    assertThat(delete(driver, 2)).isCompletedWithValue(2L);
    assertThat(driver.log().flushedOffset()).isEqualTo(2);
  }

  @Test
  void stillKnowsProducersWhoseBatchesAreGone() throws IOException {
    LogDriver driver = open(HOURS);
    driver.append(batch(100, 0, 0, value(0)));
    driver.append(batch(200, 0, 0, value(1)));
    driver.append(batch(200, 0, 1, value(2)));
    assertThat(delete(driver, 2)).isCompletedWithValue(2L);
    files.kill();
    LogDriver reopened = open(HOURS);
    assertThat(reopened.log().append(batch(100, 0, 0, value(0)), 7))
        .isEqualTo(new AppendOutcome.Duplicate(0, 0));
    assertThat(reopened.append(batch(100, 0, 1, value(3)))).isEqualTo(3);
  }

  @Test
  void forgetsProducersThatHaveBeenSilentForTooLong() throws IOException {
    LogDriver driver = open(HOURS.withProducerExpiration(HOUR));
    driver.append(batch(100, 0, 0, value(0)));
    time.pass(HOUR);
    retain(driver);
    assertThat(driver.log().append(batch(100, 0, 0, value(0)), 7))
        .isEqualTo(new AppendOutcome.Duplicate(0, 0));
    time.pass(Duration.ofMillis(1));
    retain(driver);
    assertThat(driver.log().append(batch(100, 0, 1, value(1)), 7))
        .isInstanceOfSatisfying(
            AppendOutcome.Rejected.class,
            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.UNKNOWN_PRODUCER_ID));
  }

  @Test
  void cutsTheLeaderEpochsAtTheStart() throws IOException {
    LogDriver driver = open(HOURS);
    for (int epoch : new int[] {3, 3, 5, 6}) {
      driver.log().append(batch(time.wallMillis(), value(epoch)), epoch);
    }
    assertThat(delete(driver, 1)).isCompletedWithValue(1L);
    driver.append(batch(time.wallMillis(), value(9)));
    driver.flush();
    assertThat(epochs()).containsExactly("0", "4", "3 1", "5 2", "6 3", "7 4");
    assertThat(delete(driver, 3)).isCompletedWithValue(3L);
    driver.close();
    assertThat(epochs()).containsExactly("0", "2", "6 3", "7 4");
  }

  @Test
  void canEmptyADiskThatIsFull() throws IOException {
    LogDriver driver = open(HOURS);
    appendHourly(driver, 12);
    driver.flush();
    files.failAt(files.operations() + 1, Fault.DISK_FULL);
    assertThat(driver.log().append(batch(0, value(0)), 7))
        .isInstanceOf(AppendOutcome.Rejected.class);
    retain(driver);
    assertThat(driver.log().logStartOffset()).isEqualTo(2);
    assertThat(names()).noneMatch(name -> name.equals("00000000000000000001.log"));
  }

  @Test
  void refusesToOpenWhenTheFirstSegmentIsMissing() throws IOException {
    LogDriver driver = open(HOURS);
    appendHourly(driver, 5);
    assertThat(delete(driver, 2)).isCompletedWithValue(2L);
    driver.close();
    files.delete(DIRECTORY.resolve("00000000000000000002.log"));
    assertThatThrownBy(() -> open(HOURS))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the log starts at offset 2, its first segment at 3");
  }

  @Test
  void failsRequestsThatAClosedLogCannotServe() throws IOException {
    LogDriver driver = open(HOURS);
    appendHourly(driver, 3);
    CompletableFuture<Long> pending = driver.log().deleteBefore(2).toCompletableFuture();
    driver.close();
    assertThat(pending).isCompletedExceptionally();
    assertThat(driver.log().deleteBefore(2).toCompletableFuture()).isCompletedExceptionally();
    driver.log().retain(time.wallMillis(), 3);
  }

  private LogDriver open(RetentionSettings retention) throws IOException {
    return new LogDriver(files, DIRECTORY, settings(retention), time);
  }

  private LogDriver open(RetentionSettings retention, int segmentBytes) throws IOException {
    LogSettings settings = LogSettings.DEFAULTS.withSegmentBytes(segmentBytes);
    return new LogDriver(files, DIRECTORY, settings.withRetention(retention), time);
  }

  private static LogSettings settings(RetentionSettings retention) {
    return LogSettings.DEFAULTS
        .withSegmentBytes(1024)
        .withTimestampBounds(TimestampBounds.ANY)
        .withRetention(retention);
  }

  private void appendHourly(LogDriver driver, int batches) {
    for (int i = 0; i < batches; i++) {
      driver.append(batch(time.wallMillis(), value(i)));
      time.pass(HOUR);
    }
  }

  /** More than half a segment. */
  private static String value(int number) {
    return number + "-".repeat(600);
  }

  private static long size(String value) {
    return batch(0, value).remaining();
  }

  private void retain(LogDriver driver) {
    driver.log().retain(time.wallMillis(), driver.log().logEndOffset());
    driver.loop().runAll();
  }

  private static CompletableFuture<Long> delete(LogDriver driver, long offset) {
    CompletableFuture<Long> deleted = driver.log().deleteBefore(offset).toCompletableFuture();
    driver.loop().runAll();
    return deleted;
  }

  private List<String> names() throws IOException {
    return files.list(DIRECTORY);
  }

  private long logs() throws IOException {
    return names().stream().filter(name -> name.endsWith(".log")).count();
  }

  private List<String> epochs() throws IOException {
    byte[] text = SmallFile.read(files, DIRECTORY.resolve(LogNames.LEADER_EPOCHS));
    return new String(text, StandardCharsets.US_ASCII)
        .lines()
        .filter(line -> !line.startsWith("crc32c"))
        .toList();
  }
}
