package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.record.Compression;
import dev.weir.storage.disk.SimulatedLogFiles;
import dev.weir.storage.disk.Survival;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/**
 * Random keyed records, in transactions that commit and abort and outside of any, while the log
 * rolls, is compacted, closed, killed or loses power: what was committed is there, by key, and
 * nothing that was aborted is seen.
 */
class TransactionalCompactionModelTest {
  private static final Path DIRECTORY = Path.of("/data/orders-0");
  private static final long NOW = 1_700_000_000_000L;

  private static final LogSettings SETTINGS =
      LogSettings.DEFAULTS
          .withSegmentBytes(1024)
          .withIndexIntervalBytes(150)
          .withRetention(RetentionSettings.DEFAULTS.withDeletes(false))
          .withCompaction(CompactionSettings.DEFAULTS.withCompacts(true));

  private final SimulatedLogFiles files = new SimulatedLogFiles(Path.of("/data"));
  private final TransactionalModel model = new TransactionalModel();
  private long now = NOW;

  /** Each number is one step of the log's life. */
  @Property(tries = 150)
  void showsWhatWasCommittedAndNothingElse(
      @ForAll @Size(min = 30, max = 150) List<@IntRange(max = 9_999) Integer> steps)
      throws IOException {
    LogDriver driver = open();
    for (int step : steps) {
      int producer = step / 100 % 4;
      switch (step % 100 / 5) {
        case 0, 1, 2, 3, 4, 5, 6 -> append(driver, producer, true, step);
        case 7, 8, 9 -> append(driver, producer, false, step);
        case 10, 11 -> end(driver, producer, TransactionalModel.Kind.COMMIT);
        case 12, 13 -> end(driver, producer, TransactionalModel.Kind.ABORT);
        case 14, 15, 16 -> clean(driver, step);
        case 17 -> driver.flush();
        case 18 -> {
          driver.close();
          driver = open();
        }
        default -> {
          driver.flush();
          files.cutPower(step % 2 == 0 ? Survival.NONE : Survival.TORN, new Random(step));
          driver = open();
        }
      }
      if (step % 100 / 5 > 9) {
        model.requireAgreement(driver);
      }
    }
    for (long base : basesFromTheLast()) {
      files.kill();
      files.delete(DIRECTORY.resolve(LogNames.CLEAN_SHUTDOWN));
      NumbersFile.replace(files, DIRECTORY.resolve(LogNames.RECOVERY_POINT), base);
      model.requireAgreement(open()); // from the snapshot there
    }
    files.kill();
    for (String name : files.list(DIRECTORY)) {
      if (name.endsWith(LogNames.PRODUCER_SNAPSHOT) || name.endsWith(LogNames.ABORTED_INDEX)) {
        files.delete(DIRECTORY.resolve(name));
      }
    }
    files.delete(DIRECTORY.resolve(LogNames.RECOVERY_POINT));
    model.requireAgreement(open());
  }

  private List<Long> basesFromTheLast() throws IOException {
    return files.list(DIRECTORY).stream()
        .flatMapToLong(name -> LogNames.offsetIn(name, LogNames.LOG).stream())
        .boxed()
        .sorted(Comparator.reverseOrder())
        .toList();
  }

  private LogDriver open() throws IOException {
    LogDriver opened = new LogDriver(files, DIRECTORY, SETTINGS);
    assertThat(opened.report().recoveryCase()).isNotEqualTo(RecoveryCase.DAMAGED);
    return opened;
  }

  private void append(LogDriver driver, int producer, boolean transactional, int step) {
    String[] records = new String[1 + step % 3];
    for (int i = 0; i < records.length; i++) {
      String key = "key " + (step / 7 + i * 3) % 9;
      boolean tombstone = (step + i) % 5 == 0;
      records[i] = tombstone ? key : key + "=" + step + "/" + i + "-".repeat(step % 90);
    }
    append(
        driver,
        model.append(producer, transactional, Compression.ofId(step % 5), NOW - step, records));
  }

  private void end(LogDriver driver, int producer, TransactionalModel.Kind kind) {
    append(driver, model.end(producer, kind));
  }

  private static void append(LogDriver driver, TransactionalModel.Sent sent) {
    assertThat(driver.log().append(sent.batch().duplicate(), 7, sent.origin()))
        .isEqualTo(new AppendOutcome.Appended(sent.offset(), sent.nextOffset() - 1, -1));
  }

  private void clean(LogDriver driver, int step) {
    driver.flush();
    now += step * 20_000L;
    assertThat(driver.clean(now)).isCompleted();
  }
}
