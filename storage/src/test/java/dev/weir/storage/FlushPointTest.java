package dev.weir.storage;

import static dev.weir.storage.TestBatches.batch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.storage.disk.SimulatedLogFiles;
import dev.weir.storage.disk.Survival;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What recovery believes of the persisted flush point, and how it keeps it near the log's end. */
class FlushPointTest {
  private static final Path ROOT = Path.of("/data");
  private static final Path DIRECTORY = ROOT.resolve("orders-0");
  private static final Path POINT = DIRECTORY.resolve(LogNames.RECOVERY_POINT);
  private static final long NOW = 1_700_000_000_000L;
  private static final LogSettings SMALL = LogSettings.DEFAULTS.withSegmentBytes(2048);

  private final SimulatedLogFiles files = new SimulatedLogFiles(ROOT);

  @Test
  void movesTheFlushPointToTheEndWithEveryRecovery() throws IOException {
    for (int round = 1; round <= 3; round++) {
      LogDriver driver = open(LogSettings.DEFAULTS);
      driver.append(batch(NOW, "a", "b"));
      driver.flush();
      files.kill();
      assertThat(open(LogSettings.DEFAULTS).report().recoveryCase()).isEqualTo(RecoveryCase.WHOLE);
      files.cutPower(Survival.NONE, new Random(round));
      assertThat(NumbersFile.read(files, POINT, 1)).containsExactly(2L * round);
    }
    damage(0, 70);
    assertThat(open(LogSettings.DEFAULTS).report().recoveryCase()).isEqualTo(RecoveryCase.DAMAGED);
  }

  @Test
  void changesNothingWhenBothTheFlushPointAndABatchAreDamaged() throws IOException {
    fillAndKill(60);
    damagePoint();
    damage(0, 70);
    List<String> before = files.list(DIRECTORY);
    RecoveryReport report = open(SMALL).report();
    assertThat(report.recoveryCase()).isEqualTo(RecoveryCase.DAMAGED);
    assertThat(report.detail()).contains("recovery-point is damaged");
    assertThat(files.list(DIRECTORY)).isEqualTo(before);
  }

  @Test
  void writesADamagedFlushPointAnewWhenEveryBatchIsWhole() throws IOException {
    fillAndKill(60);
    damagePoint();
    LogDriver driver = open(SMALL);
    assertThat(driver.report().recoveryCase()).isEqualTo(RecoveryCase.WHOLE);
    assertThat(driver.values()).hasSize(60);
    assertThat(NumbersFile.read(files, POINT, 1)).containsExactly(60);
    driver.close();
    damagePoint();
    assertThat(open(SMALL).report().recoveryCase()).isEqualTo(RecoveryCase.CLEAN);
    assertThat(NumbersFile.read(files, POINT, 1)).containsExactly(60);
  }

  @Test
  void doesNotBeginAnewWhenTheMarkerTellsOfALogThatIsMissing() throws IOException {
    LogDriver driver = open(SMALL);
    driver.append(batch(1, "a"));
    driver.close();
    deleteAllLogs();
    files.delete(POINT);
    assertThatThrownBy(() -> open(SMALL))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("everything below offset 1 had been flushed");
  }

  @Test
  void doesNotBeginAnewWhenTheFlushPointOfAMissingLogIsDamaged() throws IOException {
    fillAndKill(60);
    damagePoint();
    deleteAllLogs();
    assertThatThrownBy(() -> open(SMALL))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("recovery-point is damaged");
  }

  @Test
  void keepsLaterSegmentsWhenTheFirstIsMissingAndTheFlushPointIsDamaged() throws IOException {
    fillAndKill(60);
    damagePoint();
    files.delete(log(0));
    List<String> before = files.list(DIRECTORY);
    assertThatThrownBy(() -> open(SMALL)).isInstanceOf(IOException.class);
    assertThat(files.list(DIRECTORY)).isEqualTo(before);
  }

  private LogDriver open(LogSettings settings) throws IOException {
    return new LogDriver(files, DIRECTORY, settings);
  }

  private void fillAndKill(int batches) throws IOException {
    LogDriver driver = open(SMALL);
    for (int i = 0; i < batches; i++) {
      driver.append(batch(i, "value " + i));
      driver.flush();
    }
    files.kill();
    assertThat(files.exists(POINT)).isTrue();
  }

  private void damagePoint() throws IOException {
    byte[] bytes = SmallFile.read(files, POINT);
    bytes[2] ^= 1;
    SmallFile.replace(files, POINT, bytes);
  }

  private void damage(long baseOffset, int at) throws IOException {
    byte[] bytes = SmallFile.read(files, log(baseOffset));
    bytes[at] ^= 1;
    SmallFile.replace(files, log(baseOffset), bytes);
  }

  private void deleteAllLogs() throws IOException {
    for (String name : files.list(DIRECTORY)) {
      if (name.endsWith(LogNames.LOG)) {
        files.delete(DIRECTORY.resolve(name));
      }
    }
  }

  private static Path log(long baseOffset) {
    return DIRECTORY.resolve(LogNames.of(baseOffset, LogNames.LOG));
  }
}
