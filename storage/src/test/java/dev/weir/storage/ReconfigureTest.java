package dev.weir.storage;

import static dev.weir.storage.TestBatches.batch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.record.TimestampBounds;
import dev.weir.core.record.TimestampType;
import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A running log takes changed settings from the next batch on. */
class ReconfigureTest {
  private static final Path ROOT = Path.of("/data");
  private static final Path DIRECTORY = ROOT.resolve("orders-0");
  private static final Duration HOUR = Duration.ofHours(1);

  private final SimulatedLogFiles files = new SimulatedLogFiles(ROOT);
  private final ManualTime time = new ManualTime();
  private LogDriver driver;

  @BeforeEach
  void open() throws IOException {
    driver = new LogDriver(files, DIRECTORY, LogSettings.DEFAULTS, time);
  }

  @Test
  void rollsAtTheNewSize() throws IOException {
    append("a".repeat(2000));
    assertThat(segments()).containsExactly(0L);
    driver.log().reconfigure(LogSettings.DEFAULTS.withSegmentBytes(1024));
    append("b".repeat(600));
    append("c".repeat(600));
    assertThat(segments()).containsExactly(0L, 1L, 2L);
    driver.log().reconfigure(LogSettings.DEFAULTS);
    append("d".repeat(600));
    assertThat(segments()).containsExactly(0L, 1L, 2L);
  }

  @Test
  void aBatchLargerThanASegmentHasOneOfItsOwn() throws IOException {
    driver.log().reconfigure(LogSettings.DEFAULTS.withSegmentBytes(1024));
    append("small");
    append("b".repeat(5000));
    append("small");
    assertThat(segments()).containsExactly(0L, 1L, 2L);
    assertThat(driver.values()).containsExactly("small", "b".repeat(5000), "small");
  }

  @Test
  void takesNewLimitsOfSizes() {
    assertThat(appended(1000, "a".repeat(500))).isTrue();
    driver.log().reconfigure(LogSettings.DEFAULTS.withMaxMessageBytes(400));
    assertThat(refused("a".repeat(500)).code()).isEqualTo(ErrorCode.BATCH_TOO_LARGE);
    driver.log().reconfigure(LogSettings.DEFAULTS.withMaxRecordBytes(499));
    assertThat(refused("a".repeat(500)).code()).isEqualTo(ErrorCode.RECORD_TOO_LARGE);
    driver.log().reconfigure(LogSettings.DEFAULTS);
    assertThat(appended(1000, "a".repeat(500))).isTrue();
  }

  @Test
  void takesNewBoundsOfTime() {
    long now = time.wallMillis();
    assertThat(appended(0, "long ago")).isTrue();
    assertThat(appended(now + HOUR.toMillis(), "an hour ahead")).isTrue();
    assertThat(appended(now + HOUR.toMillis() + 1, "more")).isFalse();
    driver.log().reconfigure(LogSettings.DEFAULTS.withTimestampBounds(new TimestampBounds(5, 0)));
    assertThat(appended(now - 5, "in time")).isTrue();
    assertThat(appended(now - 6, "too late")).isFalse();
    assertThat(appended(now + 1, "too early")).isFalse();
    driver.log().reconfigure(LogSettings.DEFAULTS.withTimestampBounds(TimestampBounds.ANY));
    assertThat(appended(Long.MAX_VALUE - 1, "whenever")).isTrue();
  }

  @Test
  void boundsOfTimeDoNotConcernTheBrokersOwn() {
    driver
        .log()
        .reconfigure(
            LogSettings.DEFAULTS
                .withTimestampType(TimestampType.LOG_APPEND_TIME)
                .withTimestampBounds(new TimestampBounds(0, 0)));
    assertThat(appended(3, "long ago")).isTrue();
  }

  @Test
  void takesANewIndexInterval() throws IOException {
    Path index = DIRECTORY.resolve(LogNames.of(0, LogNames.OFFSET_INDEX));
    append("a".repeat(100));
    append("b".repeat(100));
    append("c".repeat(100));
    driver.log().reconfigure(LogSettings.DEFAULTS.withIndexIntervalBytes(0));
    append("d".repeat(100));
    append("e".repeat(100));
    driver.close();
    assertThat(SmallFile.read(files, index)).hasSize(2 * 8);
  }

  @Test
  void takesANewAgeOfSegments() throws IOException {
    append("a");
    time.pass(HOUR);
    append("b");
    assertThat(segments()).containsExactly(0L);
    retention(RetentionSettings.DEFAULTS.withSegmentAge(HOUR));
    append("c");
    assertThat(segments()).containsExactly(0L, 2L);
  }

  @Test
  void takesNewRetention() throws IOException {
    append("a");
    time.pass(HOUR.multipliedBy(3));
    retain();
    assertThat(driver.log().logStartOffset()).isZero();
    retention(RetentionSettings.DEFAULTS.withMaxAge(HOUR));
    retain();
    assertThat(driver.log().logStartOffset()).isEqualTo(1);
  }

  @Test
  void jitterCompletesSegmentsAtDifferentMomentsAndNeverLater() {
    RetentionSettings settings =
        RetentionSettings.DEFAULTS.withSegmentAge(HOUR).withSegmentJitter(Duration.ofMinutes(10));
    Set<Long> ages = new TreeSet<>();
    for (int spread = 0; spread < 1000; spread++) {
      ages.add(settings.segmentMillis(spread));
    }
    assertThat(ages)
        .hasSizeGreaterThan(900)
        .allMatch(age -> age > HOUR.toMillis() - 600_000 && age <= HOUR.toMillis());
    assertThat(settings.segmentMillis(7)).isEqualTo(settings.segmentMillis(7));
    assertThat(settings.withSegmentJitter(Duration.ZERO).segmentMillis(7))
        .isEqualTo(HOUR.toMillis());
    assertThat(settings.withSegmentJitter(HOUR.multipliedBy(9)).segmentMillis(7))
        .isBetween(1L, HOUR.toMillis());
  }

  @Test
  void jitterRollsALogAtThatAge() throws IOException {
    RetentionSettings jittered =
        RetentionSettings.DEFAULTS.withSegmentAge(HOUR).withSegmentJitter(HOUR);
    retention(jittered);
    append("a");
    long age = jittered.segmentMillis(31L * LogDriver.PARTITION.toString().hashCode());
    time.pass(Duration.ofMillis(age - 1));
    append("b");
    assertThat(segments()).containsExactly(0L);
    time.pass(Duration.ofMillis(1));
    append("c");
    assertThat(segments()).containsExactly(0L, 2L);
  }

  @Test
  void settingsThatCannotBeAreRefused() {
    assertThatThrownBy(() -> RetentionSettings.DEFAULTS.withSegmentJitter(Duration.ofMillis(-1)))
        .isInstanceOf(WeirException.class)
        .hasMessageContaining("segment.jitter.ms");
  }

  private void retention(RetentionSettings retention) {
    driver.log().reconfigure(LogSettings.DEFAULTS.withRetention(retention));
  }

  private void retain() {
    driver.log().retain(time.wallMillis(), driver.log().logEndOffset());
    driver.loop().runAll();
  }

  private void append(String value) {
    driver.append(batch(time.wallMillis(), value));
  }

  private boolean appended(long timestamp, String value) {
    return driver.log().append(batch(timestamp, value), 7) instanceof AppendOutcome.Appended;
  }

  private AppendOutcome.Rejected refused(String value) {
    return (AppendOutcome.Rejected) driver.log().append(batch(1000, value), 7);
  }

  private List<Long> segments() throws IOException {
    return files.list(DIRECTORY).stream()
        .filter(name -> name.endsWith(LogNames.LOG))
        .map(name -> Long.parseLong(name.substring(0, 20)))
        .sorted()
        .toList();
  }
}
