package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.record.ControlRecordType;
import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Three transactional producers whose transactions overlap, span segments, commit and abort. After
 * a crash the log holds a beginning of what was sent, and says of its transactions exactly what
 * follows from that beginning: the last stable offset and every abort.
 */
final class TransactingScript implements CrashScript {
  private static final Path DIRECTORY = ROOT.resolve("orders-0");
  private static final LogSettings SETTINGS = LogSettings.DEFAULTS.withSegmentBytes(1024);
  private static final int PRODUCERS = 3;
  private static final int STEPS = 48;

  /** A batch or a marker (then there are no bytes), at the offset of its place in the list. */
  private record Sent(
      int producer, int sequence, @Nullable ByteBuffer batch, ControlRecordType type) {}

  private final SimulatedLogFiles files;
  private final List<Sent> sent = new ArrayList<>();
  private final int[] sequences = new int[PRODUCERS];
  private int acknowledged;
  private @Nullable LogDriver newest;

  TransactingScript(SimulatedLogFiles files) {
    this.files = files;
  }

  @Override
  public void run() throws IOException {
    LogDriver driver = open();
    for (int i = 0; i < STEPS && isOnline(); i++) {
      step(driver, i);
      if (i % 3 == 2) {
        flush(driver);
      }
      if (i == STEPS / 2 && isOnline()) {
        close(driver);
        driver = open();
      }
    }
    if (isOnline()) {
      close(driver);
    }
  }

  @Override
  public void recoverAndGoOn() throws IOException {
    LogDriver recovered = open();
    assertThat(recovered.report().recoveryCase()).isNotEqualTo(RecoveryCase.DAMAGED);
    int end = (int) recovered.log().logEndOffset();
    assertThat(end).as("acknowledged records stay").isBetween(acknowledged, sent.size());
    assertTransactions(recovered);
    while (sent.size() > end) {
      Sent lost = sent.remove(sent.size() - 1);
      sequences[lost.producer()] = Math.min(sequences[lost.producer()], lost.sequence());
    }
    for (int i = 0; i < 8; i++) {
      step(recovered, i + 2);
    }
    flush(recovered);
    assertTransactions(recovered);
    close(recovered);
    LogDriver reopened = open();
    assertThat(reopened.report().recoveryCase()).isEqualTo(RecoveryCase.CLEAN);
    assertTransactions(reopened);
    if (!sent.isEmpty()) {
      assertDuplicate(reopened);
    }
  }

  @Override
  public void recover() throws IOException {
    acknowledged = Math.max(acknowledged, (int) open().log().flushedOffset());
  }

  @Override
  public boolean isOnline() {
    return newest == null || newest.offline() == null;
  }

  private LogDriver open() throws IOException {
    LogDriver opened = new LogDriver(files, DIRECTORY, SETTINGS);
    newest = opened;
    return opened;
  }

  /** Two batches of each transaction, and now and then a third in the segment after. */
  private void step(LogDriver driver, int number) {
    int producer = number % PRODUCERS;
    boolean ends = number / PRODUCERS % 3 == 2;
    if (ends) {
      boolean aborts = (number / PRODUCERS + producer) % 2 == 0;
      ControlRecordType type = aborts ? ControlRecordType.ABORT : ControlRecordType.COMMIT;
      append(driver, new Sent(producer, sequences[producer], null, type));
    } else {
      int sequence = sequences[producer]++;
      String value = "-".repeat(40 * (1 + number % 5));
      append(
          driver,
          new Sent(
              producer,
              sequence,
              TestBatches.transactional(100 + producer, 0, sequence, value),
              ControlRecordType.UNKNOWN));
    }
  }

  private void append(LogDriver driver, Sent next) {
    sent.add(next); // first: after a crash it may be there
    for (int attempt = 1; !driver.log().isOffline(); attempt++) {
      assertThat(attempt).isLessThan(5);
      if (write(driver, next) instanceof AppendOutcome.Appended appended) {
        assertThat(appended.baseOffset()).isEqualTo(sent.size() - 1);
        return;
      }
      files.freeSpace();
      driver.loop().runAll();
    }
  }

  private static AppendOutcome write(LogDriver driver, Sent next) {
    ByteBuffer batch = next.batch();
    return batch == null
        ? driver
            .log()
            .append(
                TestBatches.marker(next.type(), 100 + next.producer(), 0, 1),
                7,
                AppendOrigin.COORDINATOR)
        : driver.log().append(batch.duplicate(), 7, AppendOrigin.VERIFIED_CLIENT);
  }

  private void assertDuplicate(LogDriver driver) {
    for (int offset = sent.size() - 1; offset >= 0; offset--) {
      if (sent.get(offset).batch() != null) {
        assertThat(write(driver, sent.get(offset)))
            .isEqualTo(new AppendOutcome.Duplicate(offset, offset));
        return;
      }
    }
  }

  /** Recomputes from what was sent what the log has to say. */
  private void assertTransactions(LogDriver driver) throws IOException {
    long end = driver.log().logEndOffset();
    TreeMap<Integer, Long> open = new TreeMap<>();
    List<AbortedTransaction> aborted = new ArrayList<>();
    for (int offset = 0; offset < end; offset++) {
      Sent each = sent.get(offset);
      if (each.batch() != null) {
        open.putIfAbsent(each.producer(), (long) offset);
        continue;
      }
      Long first = open.remove(each.producer());
      if (first != null && each.type() == ControlRecordType.ABORT) {
        long stable = open.values().stream().min(Long::compare).orElse(offset + 1L);
        aborted.add(new AbortedTransaction(100 + each.producer(), first, offset, stable));
      }
    }
    assertThat(driver.log().lastStableOffset(end))
        .isEqualTo(open.values().stream().min(Long::compare).orElse(end));
    assertThat(driver.log().abortedTransactions(0, end).run()).isEqualTo(aborted);
  }

  private void flush(LogDriver driver) {
    driver.log().requestFlush();
    run(driver);
  }

  private void close(LogDriver driver) {
    var closed = driver.log().close().toCompletableFuture();
    run(driver);
    assertThat(closed).isDone();
  }

  private void run(LogDriver driver) {
    while (driver.loop().runOne()) {
      acknowledged = Math.max(acknowledged, (int) driver.flushed());
    }
  }
}
