package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.record.Compression;
import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.time.Duration;

/**
 * Two transactional producers whose transactions overlap, span segments, commit and abort, and one
 * without transactions write few keys while the log is compacted again and again, until markers go.
 * Whatever happens, readers see the newest committed record of each key and none that was aborted.
 */
final class CompactingTransactionsScript extends LogScript {
  private static final int STEPS = 52;
  private static final int PLAIN = 2;
  private static final long NOW = 1_700_000_000_000L;
  private static final long DAYS = Duration.ofDays(2).toMillis();

  private static final LogSettings SETTINGS =
      LogSettings.DEFAULTS
          .withSegmentBytes(1024)
          .withIndexIntervalBytes(200)
          .withRetention(RetentionSettings.DEFAULTS.withDeletes(false))
          .withCompaction(CompactionSettings.DEFAULTS.withCompacts(true));

  private final TransactionalModel model = new TransactionalModel();

  CompactingTransactionsScript(SimulatedLogFiles files) {
    super(files, SETTINGS);
  }

  @Override
  public void run() throws IOException {
    LogDriver driver = open();
    for (int i = 0; i < STEPS && isOnline(); i++) {
      step(driver, i);
      switch (i) {
        case 15, 23 -> clean(driver, NOW + i);
        case 31 -> clean(driver, NOW + DAYS);
        case 36 -> {
          close(driver);
          driver = open();
          clean(driver, NOW + DAYS + 1); // while there is a marker of the close
        }
        case 44 -> clean(driver, NOW + 2 * DAYS);
        case 50 -> clean(driver, NOW + 3 * DAYS);
        default -> {
          if (i % 3 == 2) {
            flush(driver);
          }
        }
      }
    }
    if (isOnline()) {
      close(driver);
    }
  }

  @Override
  public void recoverAndGoOn() throws IOException {
    LogDriver recovered = reopen();
    model.cutTo(recovered.log().logEndOffset());
    model.requireAgreement(recovered);
    assertThat(files().list(DIRECTORY))
        .as("nothing is left of a cleaning")
        .noneMatch(name -> name.endsWith(LogNames.CLEANED) || name.endsWith(LogNames.SWAP));
    for (int i = 0; i < 8; i++) {
      step(recovered, i);
    }
    clean(recovered, NOW + 4 * DAYS);
    assertThat(recovered.log().uncleanable()).isNull();
    model.requireAgreement(recovered);
    clean(recovered, NOW + 5 * DAYS);
    model.requireAgreement(recovered);
    close(recovered);
    model.requireAgreement(openClean());
  }

  private void step(LogDriver driver, int number) {
    switch (number % 8) {
      case 0, 3 -> append(driver, 0);
      case 1, 5 -> append(driver, 1);
      case 2, 6 -> append(driver, PLAIN);
      case 4 -> end(driver, 0, number % 16 == 4);
      default -> end(driver, 1, number % 16 == 15);
    }
    driver.loop().runOne();
  }

  private void append(LogDriver driver, int producer) {
    int number = (int) model.endOffset();
    String key = "key " + number * 7 % 5;
    String value = number % 6 == 5 ? "" : "=" + number + "-".repeat(80 * (number % 4));
    append(
        driver,
        model.append(producer, producer != PLAIN, Compression.NONE, NOW - 1_000, key + value));
  }

  private void end(LogDriver driver, int producer, boolean aborts) {
    append(
        driver,
        model.end(
            producer, aborts ? TransactionalModel.Kind.ABORT : TransactionalModel.Kind.COMMIT));
  }

  private void append(LogDriver driver, TransactionalModel.Sent sent) {
    append(driver, sent.batch(), sent.origin(), sent.offset());
  }

  private void clean(LogDriver driver, long nowMillis) {
    flush(driver);
    var cleaned =
        driver
            .log()
            .clean(nowMillis, driver.log().flushedOffset(), driver.loop(), LogDriver.LIMITS)
            .toCompletableFuture();
    run(driver);
    assertThat(cleaned).isDone();
    files().freeSpace();
  }
}
