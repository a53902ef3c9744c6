package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.record.ControlRecordType;
import dev.weir.core.record.RecordBatch;
import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A follower that takes transactions from leaders, truncates what a new leader does not have (into
 * segments, between them, to nothing), starts anew beyond its end, closes and reopens. Remembers
 * what the leader has and what of it was flushed here.
 */
final class TruncatingScript extends LogScript {
  private static final LogSettings SETTINGS =
      LogSettings.DEFAULTS.withSegmentBytes(1024).withIndexIntervalBytes(150);
  private static final int STEPS = 44;
  private static final int NEW_START = 300;

  /** What the newest leader has; the log holds a prefix of it. */
  private List<RecordBatch> leaders = new ArrayList<>();

  /** What the log held before the move of its end that is under way, else null. */
  private @Nullable List<RecordBatch> former;

  private long start;
  private int step;

  TruncatingScript(SimulatedLogFiles files) {
    super(files, SETTINGS);
  }

  @Override
  public void run() throws IOException {
    LogDriver driver = open();
    for (; step < STEPS && !driver.log().isOffline(); step++) {
      lead();
      follow(driver);
      switch (step) {
        case 9 -> truncate(driver, 8);
        case 15 -> {
          flush(driver);
          truncate(driver, 3);
        }
        case 24 -> truncate(driver, 10);
        case 28 -> {
          close(driver);
          driver = open();
          truncate(driver, 6);
        }
        case 31 -> truncate(driver, 0);
        case 38 -> startAnew(driver);
        default -> {
          if (step % 4 == 3) {
            flush(driver);
          }
        }
      }
    }
    if (!driver.log().isOffline()) {
      close(driver);
    }
  }

  @Override
  public void recoverAndGoOn() throws IOException {
    LogDriver driver = reopen();
    requireLegal(driver);
    finishMove(driver);
    follow(driver);
    requireAll(driver);
    for (int i = 0; i < 6; i++) {
      step++;
      lead();
      follow(driver);
      flush(driver);
    }
    requireAll(driver);
    close(driver);
    driver = openClean();
    requireAll(driver);
  }

  @Override
  public void recover() throws IOException {
    LogDriver driver = open();
    requireLegal(driver);
    if (former == null) {
      acknowledge(driver.log().flushedOffset());
    }
  }

  /** The leader appends: transactions of two producers, of which it aborts some. */
  private void lead() {
    int producer = 1 + step % 2;
    ByteBuffer batch =
        step % 5 == 4
            ? TestBatches.marker(
                step % 3 == 0 ? ControlRecordType.COMMIT : ControlRecordType.ABORT, producer, 0, 0)
            : TestBatches.transactional(
                producer, 0, step, "step " + step + "-".repeat(step % 6 * 60));
    long end = leaders.isEmpty() ? start : leaders.get(leaders.size() - 1).nextOffset();
    long gap = step % 11 == 7 ? 3 : 0; // compacted away
    RecordBatch.place(batch, 0, end + gap, 1 + step / 10);
    leaders.add(RecordBatch.at(batch, 0));
  }

  private void follow(LogDriver driver) {
    for (RecordBatch each : leaders) {
      if (each.baseOffset() >= driver.log().logEndOffset()) {
        append(driver, each.buffer(), AppendOrigin.REPLICATION, each.baseOffset());
      }
    }
  }

  /** A new leader has only so many of the batches. */
  private void truncate(LogDriver driver, int kept) {
    if (driver.log().isOffline()) {
      return;
    }
    former = leaders;
    leaders = new ArrayList<>(former.subList(0, kept));
    takeBack(kept == 0 ? start : leaders.get(kept - 1).nextOffset());
    finishMove(driver);
  }

  /** A new leader begins beyond what the log has. */
  private void startAnew(LogDriver driver) {
    if (driver.log().isOffline()) {
      return;
    }
    former = leaders;
    leaders = new ArrayList<>();
    start = NEW_START;
    finishMove(driver);
  }

  private void finishMove(LogDriver driver) {
    List<RecordBatch> old = former;
    if (old == null) {
      return;
    }
    if (start > driver.log().logEndOffset()) {
      move(driver, () -> driver.log().truncateFullyAndStartAt(start));
    } else if (start <= old.get(old.size() - 1).baseOffset()) {
      long offset = old.get(leaders.size()).baseOffset();
      move(driver, () -> driver.log().truncateTo(offset));
    } else {
      former = null; // a crash came after the new start was durable
    }
  }

  private void move(LogDriver driver, Supplier<CompletionStage<Long>> moving) {
    while (former != null && !driver.log().isOffline()) {
      var moved = moving.get().toCompletableFuture();
      driver.loop().runAll();
      assertThat(moved).isDone();
      if (moved.isCompletedExceptionally()) {
        files().freeSpace();
      } else {
        former = null;
      }
    }
  }

  /** The log holds a prefix of what the leader has, or of what it held before the move. */
  private void requireLegal(LogDriver driver) throws IOException {
    List<ByteBuffer> found = batches(driver);
    List<ByteBuffer> expected = bytes(leaders);
    if (former != null && !(driver.log().logStartOffset() == start && start == NEW_START)) {
      expected = bytes(former);
    }
    assertThat(found).isEqualTo(expected.subList(0, found.size()));
  }

  /** The log says what one says that took the leader's batches and nothing else. */
  private void requireAll(LogDriver driver) throws IOException {
    PartitionLog log = driver.log();
    assertThat(log.logStartOffset()).isEqualTo(start);
    assertThat(batches(driver)).isEqualTo(bytes(leaders));
    ProducerStates expected = new ProducerStates();
    List<AbortedTransaction> aborted = new ArrayList<>();
    for (RecordBatch each : leaders) {
      AbortedTransaction found = expected.onBatch(StoredBatch.readBack(each), 0);
      if (found != null) {
        aborted.add(found);
      }
    }
    long end = log.logEndOffset();
    assertThat(log.lastStableOffset(end)).isEqualTo(expected.lastStableOffset(end));
    assertThat(log.abortedTransactions(start, Long.MAX_VALUE).run()).isEqualTo(aborted);
    if (leaders.isEmpty()) {
      assertThat(log.endOffsetFor(0)).isEqualTo(EpochEnd.UNDEFINED);
      return;
    }
    int epoch = leaders.get(leaders.size() - 1).leaderEpoch();
    assertThat(log.endOffsetFor(epoch)).isEqualTo(new EpochEnd(epoch, end));
    assertThat(log.endOffsetFor(leaders.get(0).leaderEpoch()).endOffset())
        .isEqualTo(
            leaders.stream()
                .filter(each -> each.leaderEpoch() > leaders.get(0).leaderEpoch())
                .findFirst()
                .map(RecordBatch::baseOffset)
                .orElse(end));
  }

  private static List<ByteBuffer> batches(LogDriver driver) throws IOException {
    return bytes(TestBatches.split(driver.allBytes()));
  }

  private static List<ByteBuffer> bytes(List<RecordBatch> batches) {
    return batches.stream().map(RecordBatch::buffer).toList();
  }
}
