package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.error.ErrorCode;
import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Two idempotent producers that append, roll, flush, retry, close and reopen, always in the same
 * way, and remember what was acknowledged. After a crash they go on like real ones: what was not
 * acknowledged is sent again, in order.
 */
final class ProducingScript implements CrashScript {
  static final LogSettings SETTINGS =
      LogSettings.DEFAULTS.withSegmentBytes(2048).withIndexIntervalBytes(150);

  private static final Path DIRECTORY = ROOT.resolve("orders-0");
  private static final int BATCHES = 60;
  private static final int BATCHES_PER_FLUSH = 4;

  /** What was sent, oldest first; the log must hold the same, from its start. */
  private record Sent(ByteBuffer batch, String value, long offset) {}

  private final SimulatedLogFiles files;
  private final List<Sent> sent = new ArrayList<>();
  private final int[] nextSequence = new int[2];
  private int acknowledged;
  private int epoch = 7;
  private @Nullable LogDriver driver;

  ProducingScript(SimulatedLogFiles files) {
    this.files = files;
  }

  @Override
  public void run() throws IOException {
    open();
    for (int i = 0; i < BATCHES && isOnline(); i++) {
      send(i % 3 == 2 ? 1 : 0);
      if (i % BATCHES_PER_FLUSH == 1) {
        beginFlush();
      }
      if (i % BATCHES_PER_FLUSH == 3) {
        flush();
      }
      if (i % 10 == 9) {
        retryNewest();
      }
      if (i == BATCHES / 2 && isOnline()) {
        close();
        open();
      }
    }
    flush();
    close();
  }

  @Override
  public void recoverAndGoOn() throws IOException {
    LogDriver recovered = open();
    epoch++;
    List<String> found = recovered.values();
    assertThat(recovered.report().recoveryCase()).isNotEqualTo(RecoveryCase.DAMAGED);
    assertThat(found).hasSizeGreaterThanOrEqualTo(acknowledged);
    assertThat(found).isEqualTo(sentValues().subList(0, found.size()));
    assertThat(recovered.log().flushedOffset()).isEqualTo(found.size());
    for (int i = acknowledged; i < sent.size(); i++) {
      Sent batch = sent.get(i);
      AppendOutcome outcome = recovered.log().append(batch.batch().duplicate(), epoch);
      assertThat(outcome)
          .isEqualTo(
              i < found.size()
                  ? new AppendOutcome.Duplicate(batch.offset(), batch.offset())
                  : new AppendOutcome.Appended(batch.offset(), batch.offset(), -1));
    }
    assertThat(recovered.values()).isEqualTo(sentValues());
    for (int i = 0; i < 6; i++) {
      send(i % 2);
      flush();
    }
    close();
    LogDriver reopened = open();
    assertThat(reopened.report().recoveryCase()).isEqualTo(RecoveryCase.CLEAN);
    assertThat(reopened.values()).isEqualTo(sentValues());
    retryNewest();
  }

  @Override
  public void recover() throws IOException {
    acknowledged = Math.max(acknowledged, (int) open().log().flushedOffset());
  }

  @Override
  public boolean isOnline() {
    return driver == null || driver.offline() == null;
  }

  private LogDriver open() throws IOException {
    driver = new LogDriver(files, DIRECTORY, SETTINGS);
    return driver;
  }

  private LogDriver driver() {
    assertThat(driver).isNotNull();
    return driver;
  }

  private void send(int producer) {
    // some are longer than two sectors, so that a torn one can have a hole
    String padding = "-".repeat(sent.size() % 6 == 4 ? 1200 : sent.size() % 7);
    String value = "batch " + sent.size() + " of producer " + producer + padding;
    ByteBuffer batch = TestBatches.batch(100 + producer, 0, nextSequence[producer], value);
    nextSequence[producer]++;
    sent.add(new Sent(batch, value, sent.size()));
    append(batch, sent.size() - 1);
  }

  private void append(ByteBuffer batch, long offset) {
    while (isOnline()) {
      AppendOutcome outcome = driver().log().append(batch.duplicate(), epoch);
      if (outcome instanceof AppendOutcome.Rejected rejected) {
        assertThat(rejected.code()).isIn(ErrorCode.STORAGE_FULL, ErrorCode.STORAGE_OFFLINE);
        files.freeSpace();
        driver().loop().runAll();
      } else {
        assertThat(outcome).isEqualTo(new AppendOutcome.Appended(offset, offset, -1));
        return;
      }
    }
  }

  /** The flush is done on disk, but the log hears of it later. */
  private void beginFlush() {
    driver().log().requestFlush();
    driver().loop().runOne();
  }

  private void flush() {
    if (driver().log().isOffline()) {
      return;
    }
    LogDriver flushing = driver();
    flushing.log().requestFlush();
    while (flushing.loop().runOne()) {
      acknowledged = Math.max(acknowledged, (int) flushing.flushed());
    }
  }

  private void retryNewest() {
    Sent newest = sent.get(sent.size() - 1);
    if (isOnline()) {
      assertThat(driver().log().append(newest.batch().duplicate(), epoch))
          .isEqualTo(new AppendOutcome.Duplicate(newest.offset(), newest.offset()));
    }
  }

  private void close() {
    LogDriver closing = driver();
    var closed = closing.log().close().toCompletableFuture();
    closing.loop().runAll();
    acknowledged = Math.max(acknowledged, (int) closing.flushed());
    assertThat(closed).isDone();
  }

  private List<String> sentValues() {
    return sent.stream().map(Sent::value).toList();
  }
}
