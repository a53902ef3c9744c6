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
import org.jspecify.annotations.Nullable;

/**
 * One log in which everything happens: two producers write few keys, segments roll with their
 * snapshots, the log is compacted, its start moves by request and by retention, its end by a new
 * leader that has less, it is closed and reopened. Compaction and the start stay below what is
 * committed, truncation above, as a replica's high watermark makes it.
 */
final class MixedScript extends LogScript {
  private static final int BATCHES = 34;
  private static final long NOW = 1_700_000_000_000L;
  private static final long LATER = NOW + Duration.ofDays(2).toMillis();

  private static final LogSettings SETTINGS =
      LogSettings.DEFAULTS
          .withSegmentBytes(1024)
          .withIndexIntervalBytes(200)
          .withRetention(RetentionSettings.DEFAULTS.withMaxBytes(1800))
          .withCompaction(CompactionSettings.DEFAULTS.withCompacts(true));

  /** A batch of one record, at the offset of its place in the list. */
  private record Sent(int producer, ByteBuffer batch, KeyedLog.Entry entry) {}

  private List<Sent> sent = new ArrayList<>();

  /** What was sent before the truncation that is under way, else null. */
  private @Nullable List<Sent> former;

  /** Below it nothing is truncated. */
  private long committed;

  private long startAcknowledged;
  private long startWanted;

  /** Makes values differ that are written again at the same offset. */
  private int writes;

  MixedScript(SimulatedLogFiles files) {
    super(files, SETTINGS);
  }

  @Override
  public void run() throws IOException {
    LogDriver driver = open();
    for (int i = 0; i < BATCHES && isOnline(); i++) {
      send(driver);
      switch (i) {
        case 8 -> clean(driver, NOW);
        case 11 -> deleteBefore(driver, 4);
        case 15 -> truncate(driver, 2);
        case 18 -> {
          clean(driver, NOW + 1);
          truncate(driver, 1);
        }
        case 21 -> {
          close(driver);
          driver = open();
          truncate(driver, 1); // while there is a marker
        }
        case 24 -> retain(driver);
        case 28 -> truncate(driver, 5);
        case 31 -> clean(driver, LATER);
        default -> {
          if (i % 3 == 2) {
            flush(driver);
          }
          if (i % 6 == 5) {
            committed = driver.log().flushedOffset();
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
    LogDriver driver = reopen();
    startAcknowledged = requireLegal(driver);
    finishTruncation(driver);
    for (int i = (int) driver.log().logEndOffset(); i < sent.size(); i++) {
      append(driver, sent.get(i).batch(), i);
    }
    for (int i = 0; i < 5; i++) {
      send(driver); // the sequence of its producer is known, wherever its newest batch is
    }
    clean(driver, LATER);
    assertThat(driver.log().uncleanable()).isNull();
    requireLegal(driver);
    deleteBefore(driver, startAcknowledged + 1);
    for (int i = 0; i < 4; i++) {
      send(driver);
    }
    truncate(driver, 2);
    requireLegal(driver);
    send(driver);
    retain(driver);
    close(driver);
    requireLegal(openClean());
  }

  private void send(LogDriver driver) {
    int number = sent.size();
    int producer = number % 5 == 3 ? 1 : 0;
    long sequence = sent.stream().filter(each -> each.producer() == producer).count();
    String key = "key " + number * 7 % 5;
    String value = number % 6 == 5 ? null : writes++ + "-".repeat(80 * (number % 4));
    RecordBatchBuilder builder =
        KeyedLog.builder(
            Compression.NONE, NOW - 1_000 + number, value == null ? key : key + "=" + value);
    builder.producer(100 + producer, (short) 0, (int) sequence, false);
    ByteBuffer batch = builder.build();
    sent.add(
        new Sent(producer, batch, new KeyedLog.Entry(number, NOW - 1_000 + number, key, value)));
    append(driver, batch, number);
    driver.loop().runOne();
  }

  /** All that is flushed counts as committed, and may be compacted. */
  private void clean(LogDriver driver, long nowMillis) {
    flush(driver);
    committed = Math.max(committed, driver.log().flushedOffset());
    var cleaned =
        driver
            .log()
            .clean(nowMillis, committed, driver.loop(), LogDriver.LIMITS)
            .toCompletableFuture();
    run(driver);
    assertThat(cleaned).isDone();
    files().freeSpace();
  }

  private void deleteBefore(LogDriver driver, long offset) {
    flush(driver);
    committed = Math.max(committed, Math.min(offset, driver.log().flushedOffset()));
    startWanted = Math.max(startWanted, offset);
    var deleted = driver.log().deleteBefore(offset).toCompletableFuture();
    run(driver);
    assertThat(deleted).isDone();
  }

  private void retain(LogDriver driver) {
    flush(driver);
    committed = Math.max(committed, driver.log().flushedOffset());
    startWanted = Math.max(startWanted, committed);
    driver.log().retain(NOW, committed);
    run(driver);
  }

  /** A new leader lacks so many of the newest batches. */
  private void truncate(LogDriver driver, int batches) {
    if (driver.log().isOffline()) {
      return;
    }
    int kept = (int) Math.max(committed, sent.size() - batches);
    former = sent;
    sent = new ArrayList<>(sent.subList(0, kept));
    takeBack(kept);
    finishTruncation(driver);
  }

  private void finishTruncation(LogDriver driver) {
    while (former != null && !driver.log().isOffline()) {
      takeBack(sent.size());
      var truncated = driver.log().truncateTo(sent.size()).toCompletableFuture();
      driver.loop().runAll();
      assertThat(truncated).isDone();
      if (truncated.isCompletedExceptionally()) {
        files().freeSpace();
      } else {
        former = null;
        acknowledge(driver.log().flushedOffset());
      }
    }
  }

  @Override
  void onStep(LogDriver driver) {
    startAcknowledged = Math.max(startAcknowledged, driver.log().logStartOffset());
  }

  /** Only what was sent; the newest record of each key, unless it is a tombstone. */
  private long requireLegal(LogDriver driver) throws IOException {
    long start = driver.log().logStartOffset();
    int end = (int) driver.log().logEndOffset();
    assertThat(start).as("what is deleted stays so").isBetween(startAcknowledged, startWanted);
    assertThat(files().list(DIRECTORY))
        .as("nothing is left of a cleaning")
        .noneMatch(name -> name.endsWith(LogNames.CLEANED) || name.endsWith(LogNames.SWAP));
    List<KeyedLog.Entry> before =
        (former == null ? sent : former)
            .subList((int) start, end).stream().map(Sent::entry).toList();
    List<KeyedLog.Entry> readable =
        KeyedLog.entries(KeyedLog.batches(driver, 700)).stream()
            .filter(entry -> entry.offset() >= start)
            .toList();
    assertThat(before).containsAll(readable);
    assertThat(KeyedLog.fold(readable)).isEqualTo(KeyedLog.fold(before));
    Map<String, KeyedLog.Entry> last = KeyedLog.newest(before);
    last.values().removeIf(entry -> entry.value() == null);
    assertThat(readable).containsAll(last.values());
    return start;
  }
}
