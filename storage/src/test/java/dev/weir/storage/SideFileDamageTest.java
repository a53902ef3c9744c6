package dev.weir.storage;

import static dev.weir.storage.TestBatches.batch;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.record.ControlRecordType;
import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever happens to the files beside the batches, the batches are there: the log reads as before
 * and knows its producers, or it says that it is damaged.
 */
class SideFileDamageTest {
  private static final Path DIRECTORY = Path.of("/data/orders-0");
  private static final LogSettings SETTINGS =
      LogSettings.DEFAULTS.withSegmentBytes(2048).withIndexIntervalBytes(100);
  private static final int MUTATIONS = 25;
  private static final int BATCHES = 40;
  private static final int START = 9;
  private static final int TRANSACTIONS = 30;

  private final SimulatedLogFiles files = new SimulatedLogFiles(Path.of("/data"));

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void neverChangesWhatIsRead(boolean closedCleanly) throws IOException {
    List<String> expected = write(closedCleanly).subList(START, BATCHES);
    int damaged = 0;
    for (String name : files.list(DIRECTORY)) {
      if (name.endsWith(LogNames.LOG) || name.endsWith(LogNames.START)) {
        continue;
      }
      for (int seed = 0; seed < MUTATIONS; seed++) {
        write(closedCleanly);
        damage(DIRECTORY.resolve(name), new Random(seed * 0x9E3779B97F4A7C15L));
        String what = name + ", seed " + seed;
        LogDriver reopened = new LogDriver(files, DIRECTORY, SETTINGS);
        if (reopened.report().recoveryCase() == RecoveryCase.DAMAGED) {
          damaged++;
          continue;
        }
        List<String> read = reopened.values();
        assertThat(read.subList(read.size() - expected.size(), read.size()))
            .as(what)
            .isEqualTo(expected);
        assertThat(reopened.log().logStartOffset()).as(what).isEqualTo(START);
        assertThat(reopened.log().offsetForTimestamp(1_030, BATCHES).run())
            .as(what)
            .isEqualTo(new OffsetOutcome.Found(30, 1_030));
        assertThat(reopened.log().append(sent(BATCHES - 3), 7))
            .as(what)
            .isEqualTo(new AppendOutcome.Duplicate(BATCHES - 3, BATCHES - 3));
        assertThat(reopened.append(sent(BATCHES))).as(what).isEqualTo(BATCHES);
      }
    }
    assertThat(damaged).as("refused although the batches are whole").isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void neverChangesWhichTransactionsWereAborted(boolean closedCleanly) throws IOException {
    List<AbortedTransaction> expected = writeTransactions(closedCleanly);
    assertThat(expected).hasSize(TRANSACTIONS / 2);
    List<String> names = files.list(DIRECTORY);
    assertThat(names).contains(LogNames.of(0, LogNames.ABORTED_INDEX));
    for (String name : names) {
      if (name.endsWith(LogNames.LOG) || name.endsWith(LogNames.START)) {
        continue;
      }
      for (int seed = 0; seed < MUTATIONS; seed++) {
        writeTransactions(closedCleanly);
        damage(DIRECTORY.resolve(name), new Random(seed * 0x9E3779B97F4A7C15L));
        String what = name + ", seed " + seed;
        LogDriver reopened = new LogDriver(files, DIRECTORY, SETTINGS);
        long end = reopened.log().logEndOffset();
        assertThat(aborted(reopened)).as(what).isEqualTo(expected);
        assertThat(reopened.log().lastStableOffset(end)).as(what).isEqualTo(end - 1);
        end(reopened, ControlRecordType.ABORT, 300);
        assertThat(aborted(reopened)).as(what).hasSize(expected.size() + 1);
      }
    }
  }

  /** Every second transaction aborts, the last one stays open. */
  private List<AbortedTransaction> writeTransactions(boolean closedCleanly) throws IOException {
    LogDriver driver = fresh();
    for (int i = 0; i < TRANSACTIONS; i++) {
      append(driver, TestBatches.transactional(200, 0, i, "-".repeat(100)));
      end(driver, i % 2 == 0 ? ControlRecordType.ABORT : ControlRecordType.COMMIT, 200);
    }
    append(driver, TestBatches.transactional(300, 0, 0, "open"));
    driver.flush();
    List<AbortedTransaction> aborted = aborted(driver);
    if (closedCleanly) {
      driver.close();
    }
    files.kill();
    return aborted;
  }

  private static void append(LogDriver driver, ByteBuffer batch) {
    assertThat(driver.log().append(batch, 7, AppendOrigin.VERIFIED_CLIENT))
        .isInstanceOf(AppendOutcome.Appended.class);
  }

  private static void end(LogDriver driver, ControlRecordType type, long producer) {
    assertThat(
            driver
                .log()
                .append(TestBatches.marker(type, producer, 0, 1), 7, AppendOrigin.COORDINATOR))
        .isInstanceOf(AppendOutcome.Appended.class);
  }

  private static List<AbortedTransaction> aborted(LogDriver driver) throws IOException {
    return driver.log().abortedTransactions(0, driver.log().logEndOffset()).run();
  }

  private LogDriver fresh() throws IOException {
    files.kill();
    if (files.exists(DIRECTORY)) {
      for (String name : files.list(DIRECTORY)) {
        files.delete(DIRECTORY.resolve(name));
      }
    }
    return new LogDriver(files, DIRECTORY, SETTINGS);
  }

  /** A fresh log in place of whatever is there; its start lies within a segment. */
  private List<String> write(boolean closedCleanly) throws IOException {
    LogDriver driver = fresh();
    for (int i = 0; i < BATCHES; i++) {
      driver.append(sent(i));
    }
    driver.flush();
    List<String> values = driver.values();
    var deleted = driver.log().deleteBefore(START).toCompletableFuture();
    driver.loop().runAll();
    assertThat(deleted).isCompletedWithValue((long) START);
    if (closedCleanly) {
      driver.close();
    }
    files.kill();
    return values;
  }

  private static ByteBuffer sent(int number) {
    return batch(100, 0, number, "value " + number + "-".repeat(100));
  }

  private void damage(Path file, Random random) throws IOException {
    byte[] content = SmallFile.read(files, file);
    int at = content.length == 0 ? 0 : random.nextInt(content.length);
    switch (random.nextInt(4)) {
      case 0 -> content = Arrays.copyOf(content, at);
      case 1 -> content = Arrays.copyOf(content, content.length + 1 + random.nextInt(30));
      case 2 -> {
        byte[] noise = new byte[content.length];
        random.nextBytes(noise);
        content = noise;
      }
      default -> {
        if (content.length > 0) {
          content[at] ^= (byte) (1 << random.nextInt(8));
        }
      }
    }
    SmallFile.replace(files, file, content);
  }
}
