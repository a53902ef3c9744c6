package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.record.Compression;
import dev.weir.core.record.RecordBatchBuilder;
import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A producer that writes few keys again and again, and deletes some, while the log is compacted and
 * its tombstones go. Whatever happens, the newest record of each key stays where it was, and what
 * is deleted stays deleted.
 */
final class CompactingScript extends LogScript {
  private static final int BATCHES = 26;
  private static final long NOW = 1_700_000_000_000L;
  private static final long LATER = NOW + Duration.ofDays(2).toMillis();

  private static final LogSettings SETTINGS =
      LogSettings.DEFAULTS
          .withSegmentBytes(1024)
          .withIndexIntervalBytes(200)
          .withRetention(RetentionSettings.DEFAULTS.withDeletes(false))
          .withCompaction(CompactionSettings.DEFAULTS.withCompacts(true));

  private final List<ByteBuffer> batches = new ArrayList<>();
  private final List<KeyedLog.Entry> sent = new ArrayList<>();

  CompactingScript(SimulatedLogFiles files) {
    super(files, SETTINGS);
  }

  @Override
  public void run() throws IOException {
    LogDriver driver = open();
    for (int i = 0; i < BATCHES && isOnline(); i++) {
      send(driver);
      switch (i) {
        case 9, 17 -> clean(driver, NOW);
        case 13 -> {
          clean(driver, NOW + 1);
          close(driver);
          driver = open();
        }
        case 20 -> {
          close(driver);
          driver = open();
          clean(driver, NOW + 2); // while there is a marker
        }
        case 24 -> clean(driver, LATER);
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
    int end = (int) recovered.log().logEndOffset();
    isLegal(recovered, end);
    assertThat(files().list(DIRECTORY))
        .as("nothing is left of a cleaning")
        .noneMatch(name -> name.endsWith(LogNames.CLEANED) || name.endsWith(LogNames.SWAP));
    for (int i = end; i < sent.size(); i++) {
      append(recovered, batches.get(i), i);
    }
    for (int i = 0; i < 9; i++) {
      send(recovered); // its sequence is known, wherever its newest batch is
    }
    clean(recovered, LATER);
    assertThat(recovered.log().uncleanable()).isNull();
    isLegal(recovered, sent.size());
    clean(recovered, LATER + Duration.ofDays(2).toMillis());
    isLegal(recovered, sent.size());
    close(recovered);
    LogDriver reopened = openClean();
    isLegal(reopened, sent.size());
  }

  private void send(LogDriver driver) {
    int number = sent.size();
    String key = "key " + number * 7 % 5;
    String value = number % 6 == 5 ? null : number + "-".repeat(80 * (number % 4));
    RecordBatchBuilder builder =
        KeyedLog.builder(
            Compression.NONE, NOW - 1_000 + number, value == null ? key : key + "=" + value);
    builder.producer(100, (short) 0, number, false);
    ByteBuffer batch = builder.build();
    batches.add(batch);
    sent.add(new KeyedLog.Entry(number, NOW - 1_000 + number, key, value));
    append(driver, batch, number);
    driver.loop().runOne();
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

  /**
   * Only records that were sent, each as it was; the newest of each key unless it is a tombstone.
   */
  private void isLegal(LogDriver driver, int end) throws IOException {
    List<KeyedLog.Entry> readable = KeyedLog.entries(KeyedLog.batches(driver, 700));
    List<KeyedLog.Entry> before = sent.subList(0, end);
    assertThat(before).containsAll(readable);
    assertThat(KeyedLog.fold(readable)).isEqualTo(KeyedLog.fold(before));
    Map<String, KeyedLog.Entry> last = KeyedLog.newest(before);
    last.values().removeIf(entry -> entry.value() == null);
    assertThat(readable).containsAll(last.values());
  }
}
