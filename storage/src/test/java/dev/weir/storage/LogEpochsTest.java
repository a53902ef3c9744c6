package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.record.RecordBatch;
import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Leader epochs only rise within a log, so that one that falls is damage. */
class LogEpochsTest {
  private static final Path DIRECTORY = CrashScript.ROOT.resolve("orders-0");
  private static final Path EPOCHS = DIRECTORY.resolve(LogNames.LEADER_EPOCHS);

  private final SimulatedLogFiles files = new SimulatedLogFiles(CrashScript.ROOT);

  @Test
  void refusesABatchOfAnEpochBelowTheNewest() throws IOException {
    LogDriver driver = open();
    driver.append(batch(0)); // epoch 7
    isFenced(driver.log().append(batch(1), 6));
    isFenced(driver.log().append(batch(1), -1));
    ByteBuffer older = batch(1);
    RecordBatch.place(older, 0, 1, 6);
    isFenced(driver.log().append(older, 8, AppendOrigin.REPLICATION));
    assertThat(driver.log().append(batch(0), 6)).isEqualTo(new AppendOutcome.Duplicate(0, 0));
    assertThat(driver.log().logEndOffset()).isEqualTo(1);
  }

  @Test
  void forgetsAnEpochWhoseBatchesWereLost() throws IOException {
    LogDriver driver = open();
    driver.append(batch(0));
    driver.flush();
    files.kill();
    LeaderEpochs ahead = new LeaderEpochs();
    ahead.onBatch(7, 0);
    ahead.onBatch(8, 1);
    SmallFile.replace(files, EPOCHS, ahead.encode());
    LogDriver reopened = open();
    assertThat(new String(SmallFile.read(files, EPOCHS), StandardCharsets.US_ASCII))
        .startsWith("0\n1\n7 0\n");
    reopened.append(batch(1)); // epoch 7 again
    reopened.flush();
    reopened.close();
    files.delete(DIRECTORY.resolve(LogNames.CLEAN_SHUTDOWN));
    assertThat(open().report().recoveryCase()).isEqualTo(RecoveryCase.WHOLE);
  }

  private LogDriver open() throws IOException {
    return new LogDriver(files, DIRECTORY, LogSettings.DEFAULTS);
  }

  private static ByteBuffer batch(int sequence) {
    return TestBatches.batch(100, 0, sequence, "value " + sequence);
  }

  private static void isFenced(AppendOutcome outcome) {
    assertThat(outcome)
        .isInstanceOfSatisfying(
            AppendOutcome.Rejected.class,
            rejected -> {
              assertThat(rejected.code()).isEqualTo(ErrorCode.FENCED_LEADER_EPOCH);
              assertThat(rejected.message()).contains("orders-0 has batches of leader epoch 7");
            });
  }
}
