package dev.weir.storage;

import static dev.weir.storage.KeyedLog.batch;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.storage.disk.Fault;
import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The marker of a clean shutdown and a compacted log: neither is believed against the other. */
class CleanOpenOfCompactedTest {
  private static final Path ROOT = Path.of("/data");
  private static final Path DIRECTORY = ROOT.resolve("orders-0");
  private static final long NOW = 1_700_000_000_000L;
  private static final String LONG = "x".repeat(400);

  private static final LogSettings SETTINGS =
      LogSettings.DEFAULTS
          .withSegmentBytes(1024)
          .withIndexIntervalBytes(100)
          .withRetention(RetentionSettings.DEFAULTS.withDeletes(false))
          .withCompaction(CompactionSettings.DEFAULTS.withCompacts(true));

  private final SimulatedLogFiles files = new SimulatedLogFiles(ROOT);

  @Test
  void theMarkerGoesForCertainBeforeASegmentIsReplaced() throws IOException {
    fill();
    LogDriver driver = open();
    int before = files.trace().size();
    assertThat(driver.clean(NOW)).isCompleted();
    List<String> steps = files.trace().subList(before, files.trace().size());
    int gone = steps.indexOf("delete " + LogNames.CLEAN_SHUTDOWN);
    int decided = indexOf(steps, LogNames.SWAP, 0);
    assertThat(gone).isNotNegative();
    assertThat(indexOf(steps, "sync orders-0", gone)).isBetween(gone, decided);
    files.kill();
    LogDriver again = open();
    assertThat(again.report().recoveryCase()).isEqualTo(RecoveryCase.WHOLE);
    assertThat(offsets(again)).contains(9L, 10L, 11L).doesNotContain(0L);
    again.close();
    assertThat(open().report().recoveryCase()).isEqualTo(RecoveryCase.CLEAN);
  }

  @Test
  void nothingIsReplacedWhileTheMarkerCannotGo() throws IOException {
    fill();
    LogDriver driver = open();
    List<Long> all = offsets(driver);
    files.failAt(operationThatDropsTheMarker(), Fault.IO_ERROR);
    assertThat(driver.clean(NOW)).isCompletedExceptionally();
    assertThat(files.list(DIRECTORY)).contains(LogNames.CLEAN_SHUTDOWN);
    assertThat(offsets(driver)).isEqualTo(all);
    assertThat(driver.clean(NOW)).as("the next attempt").isCompleted();
    assertThat(offsets(driver)).hasSizeLessThan(all.size());
  }

  @Test
  void aDecidedReplacementIsFinishedAndTheMarkerNotBelieved() throws IOException {
    fill();
    List<Long> before = offsets(open());
    // same bytes, same size: only the name tells that the marker may not know them
    files.rename(
        DIRECTORY.resolve(LogNames.of(0, LogNames.LOG)),
        DIRECTORY.resolve(LogNames.swap(List.of(0L, 2L))));
    LogDriver driver = open();
    assertThat(driver.report().recoveryCase()).isEqualTo(RecoveryCase.WHOLE);
    assertThat(files.list(DIRECTORY)).noneMatch(name -> name.endsWith(LogNames.SWAP));
    assertThat(offsets(driver)).isEqualTo(before);
  }

  @Test
  void whatACleaningWasWritingGoesAndTheRestOpensAsClosed() throws IOException {
    fill();
    Path half = DIRECTORY.resolve(LogNames.of(0, LogNames.LOG) + LogNames.CLEANED);
    files.create(half).close();
    LogDriver driver = open();
    assertThat(driver.report().recoveryCase()).isEqualTo(RecoveryCase.CLEAN);
    assertThat(files.exists(half)).isFalse();
  }

  @Test
  void howFarACleaningCameIsKnownAfterACleanOpen() throws IOException {
    fill();
    LogDriver driver = open();
    assertThat(driver.clean(NOW)).isCompleted();
    driver.close();
    LogDriver again = open();
    assertThat(again.report().recoveryCase()).isEqualTo(RecoveryCase.CLEAN);
    assertThat(again.log().cleanable(NOW, again.log().logEndOffset()).dirtyBytes()).isZero();
    assertThat(again.log().cleanable(NOW, again.log().logEndOffset()).cleanBytes()).isPositive();
  }

  @Test
  void aSegmentThatIsMissingInTheMiddleIsNoticed() throws IOException {
    fill();
    for (String suffix : LogStart.SEGMENT_FILES) {
      files.delete(DIRECTORY.resolve(LogNames.of(4, suffix)));
    }
    LogDriver driver = open();
    assertThat(driver.report().recoveryCase()).isEqualTo(RecoveryCase.DAMAGED);
    assertThat(driver.log().isOffline()).isTrue();
  }

  /** The same life on another disk tells. */
  private static long operationThatDropsTheMarker() throws IOException {
    SimulatedLogFiles other = new SimulatedLogFiles(ROOT);
    fill(other);
    new LogDriver(other, DIRECTORY, SETTINGS).clean(NOW).join();
    return 1L + other.trace().lastIndexOf("delete " + LogNames.CLEAN_SHUTDOWN);
  }

  private static int indexOf(List<String> steps, String part, int from) {
    for (int i = from; i < steps.size(); i++) {
      if (steps.get(i).contains(part)) {
        return i;
      }
    }
    throw new AssertionError("no " + part + " in " + steps);
  }

  private void fill() throws IOException {
    fill(files);
  }

  /** Two batches a segment, closed. */
  private static void fill(SimulatedLogFiles files) throws IOException {
    LogDriver driver = new LogDriver(files, DIRECTORY, SETTINGS);
    for (int i = 0; i < 12; i++) {
      driver.append(batch("k" + i % 3 + "=" + i + LONG));
    }
    driver.flush();
    driver.close();
    assertThat(files.list(DIRECTORY))
        .contains(LogNames.of(2, LogNames.LOG), LogNames.of(4, LogNames.LOG));
  }

  private LogDriver open() throws IOException {
    return new LogDriver(files, DIRECTORY, SETTINGS);
  }

  private static List<Long> offsets(LogDriver driver) throws IOException {
    return KeyedLog.entries(KeyedLog.batches(driver, 1 << 20)).stream()
        .map(KeyedLog.Entry::offset)
        .toList();
  }
}
