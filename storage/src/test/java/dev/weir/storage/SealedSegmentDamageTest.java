package dev.weir.storage;

import static dev.weir.storage.TestBatches.batch;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.storage.disk.LogFile;
import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Segments that were complete and flushed are not read at the start; yet they are missed. */
class SealedSegmentDamageTest {
  private static final Path ROOT = Path.of("/data");
  private static final Path DIRECTORY = ROOT.resolve("orders-0");
  private static final Path OTHER = ROOT.resolve("other-0");
  private static final LogSettings SMALL = LogSettings.DEFAULTS.withSegmentBytes(2048);
  private static final List<String> SUFFIXES =
      List.of(LogNames.LOG, LogNames.OFFSET_INDEX, LogNames.TIME_INDEX);

  private final SimulatedLogFiles files = new SimulatedLogFiles(ROOT);
  private List<Long> baseOffsets = List.of();

  @BeforeEach
  void fillTwoLogs() throws IOException {
    LogDriver other = new LogDriver(files, OTHER, SMALL);
    for (int i = 0; i < 30; i++) {
      other.append(batch(i, "another value", "with another", "number " + i));
      other.flush();
    }
    other.close();
    LogDriver driver = open();
    for (int i = 0; i < 100; i++) {
      driver.append(batch(i, "value " + i));
      driver.flush();
    }
    driver.close();
    baseOffsets = new ArrayList<>();
    for (String name : files.list(DIRECTORY)) {
      LogNames.offsetIn(name, LogNames.LOG).ifPresent(baseOffsets::add);
    }
    assertThat(baseOffsets).hasSizeGreaterThan(3);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aMissingSegmentIsToldAndWhatIsBeforeItIsServed(boolean cleanClose) throws IOException {
    maybeForgetTheClose(cleanClose);
    files.delete(log(baseOffsets.get(1)));
    assertServedUpTo(baseOffsets.get(1));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aSegmentCutAtABatchIsToldAndWhatIsBeforeItIsServed(boolean cleanClose) throws IOException {
    maybeForgetTheClose(cleanClose);
    int batchBytes = batch(0, "value 9").remaining();
    try (LogFile file = files.open(log(baseOffsets.get(1)))) {
      file.truncate(2L * batchBytes + 2);
    }
    LogDriver driver = open();
    assertThat(driver.report().recoveryCase()).isEqualTo(RecoveryCase.DAMAGED);
    assertThat(driver.log().logEndOffset()).isBetween(baseOffsets.get(1), baseOffsets.get(2) - 1);
    assertThat(driver.values()).hasSize((int) driver.log().logEndOffset());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anotherLogsSegmentIsToldAndNotServed(boolean withItsIndexes) throws IOException {
    for (String suffix : SUFFIXES.subList(0, withItsIndexes ? SUFFIXES.size() : 1)) {
      files.rename(OTHER.resolve(LogNames.of(0, suffix)), home(0, suffix));
    }
    LogDriver driver = open();
    assertThat(driver.report().recoveryCase()).isEqualTo(RecoveryCase.DAMAGED);
    assertThat(driver.report().detail()).contains("but has to end below " + baseOffsets.get(1));
    assertThat(driver.log().isOffline()).isTrue();
  }

  private void maybeForgetTheClose(boolean cleanClose) throws IOException {
    if (!cleanClose) {
      files.delete(DIRECTORY.resolve(LogNames.CLEAN_SHUTDOWN));
    }
  }

  private void assertServedUpTo(long end) throws IOException {
    Map<String, Long> before = logSizes();
    LogDriver driver = open();
    assertThat(driver.report().recoveryCase()).isEqualTo(RecoveryCase.DAMAGED);
    assertThat(driver.report().detail()).contains("offset " + end + " should come next");
    assertThat(driver.log().offlineReason()).isEqualTo(driver.report().detail());
    assertThat(driver.values()).hasSize((int) end);
    assertThat(logSizes()).isEqualTo(before);
  }

  private Map<String, Long> logSizes() throws IOException {
    Map<String, Long> sizes = new TreeMap<>();
    for (String name : files.list(DIRECTORY)) {
      if (name.endsWith(LogNames.LOG)) {
        try (LogFile file = files.open(DIRECTORY.resolve(name))) {
          sizes.put(name, file.size());
        }
      }
    }
    return sizes;
  }

  private LogDriver open() throws IOException {
    return new LogDriver(files, DIRECTORY, SMALL);
  }

  private static Path log(long baseOffset) {
    return home(baseOffset, LogNames.LOG);
  }

  private static Path home(long baseOffset, String suffix) {
    return DIRECTORY.resolve(LogNames.of(baseOffset, suffix));
  }
}
