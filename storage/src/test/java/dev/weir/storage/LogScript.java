package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.error.ErrorCode;
import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What the lives of one log have in common: it is opened, written, flushed and closed. */
abstract class LogScript implements CrashScript {
  static final Path DIRECTORY = ROOT.resolve("orders-0");

  private static final int MOST_ATTEMPTS = 5;

  private final SimulatedLogFiles files;
  private final LogSettings settings;
  private @Nullable LogDriver newest;
  private long acknowledged;
  private int epoch = 7;

  LogScript(SimulatedLogFiles files, LogSettings settings) {
    this.files = files;
    this.settings = settings;
  }

  SimulatedLogFiles files() {
    return files;
  }

  LogDriver open() throws IOException {
    LogDriver opened = new LogDriver(files, DIRECTORY, settings);
    newest = opened;
    return opened;
  }

  /**
   * As {@link #open}, after a crash: under a new leader epoch, and nothing acknowledged is lost.
   */
  LogDriver reopen() throws IOException {
    LogDriver recovered = open();
    epoch++;
    PartitionLog log = recovered.log();
    assertThat(recovered.report().recoveryCase())
        .as(recovered.report().detail())
        .isNotEqualTo(RecoveryCase.DAMAGED);
    assertThat(log.logEndOffset())
        .as("acknowledged records stay")
        .isGreaterThanOrEqualTo(acknowledged);
    assertThat(log.flushedOffset()).as("and those found too").isEqualTo(log.logEndOffset());
    return recovered;
  }

  /** After a close without a fault. */
  LogDriver openClean() throws IOException {
    LogDriver reopened = open();
    assertThat(reopened.report().recoveryCase()).isEqualTo(RecoveryCase.CLEAN);
    return reopened;
  }

  @Override
  public void recover() throws IOException {
    LogDriver recovered = open();
    acknowledge(recovered.log().flushedOffset());
    onStep(recovered);
  }

  @Override
  public boolean isOnline() {
    LogDriver driver = newest;
    return driver == null || !driver.log().isOffline();
  }

  /** Everything below stays, whatever happens. */
  void acknowledge(long offset) {
    acknowledged = Math.max(acknowledged, offset);
  }

  /** Nothing from the offset on has to stay. */
  void takeBack(long offset) {
    acknowledged = Math.min(acknowledged, offset);
  }

  long acknowledged() {
    return acknowledged;
  }

  /** A client's batch; see {@link #append(LogDriver, ByteBuffer, AppendOrigin, long)}. */
  void append(LogDriver driver, ByteBuffer batch, long offset) {
    append(driver, batch, AppendOrigin.CLIENT, offset);
  }

  /** Writes a batch at this offset, again when the disk is full; less when the log goes offline. */
  void append(LogDriver driver, ByteBuffer batch, AppendOrigin origin, long offset) {
    for (int attempt = 1; !driver.log().isOffline(); attempt++) {
      assertThat(attempt).isLessThan(MOST_ATTEMPTS);
      AppendOutcome outcome = tryAppend(driver, batch, origin);
      if (outcome instanceof AppendOutcome.Rejected rejected) {
        assertThat(rejected.code()).isIn(ErrorCode.STORAGE_FULL, ErrorCode.STORAGE_OFFLINE);
        files.freeSpace();
        run(driver);
      } else {
        assertThat(outcome)
            .isEqualTo(new AppendOutcome.Appended(offset, lastOf(batch, offset), -1));
        return;
      }
    }
  }

  private static long lastOf(ByteBuffer batch, long offset) {
    return offset + TestBatches.split(batch.duplicate()).get(0).lastOffsetDelta();
  }

  AppendOutcome tryAppend(LogDriver driver, ByteBuffer batch, AppendOrigin origin) {
    return driver.log().append(batch.duplicate(), epoch, origin);
  }

  void flush(LogDriver driver) {
    driver.log().requestFlush();
    run(driver);
  }

  /** What is flushed on the way is acknowledged. */
  void run(LogDriver driver) {
    while (driver.loop().runOne()) {
      acknowledge(driver.flushed());
      onStep(driver);
    }
  }

  /** Something has happened in the loop. */
  void onStep(LogDriver driver) {}

  void close(LogDriver driver) {
    var closed = driver.log().close().toCompletableFuture();
    driver.loop().runAll();
    assertThat(closed).isDone();
    if (!closed.isCompletedExceptionally() && !driver.log().isOffline()) {
      acknowledge(driver.log().logEndOffset());
    }
  }
}
