package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.record.ControlRecordType;
import dev.weir.storage.disk.SimulatedLogFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Three transactional producers whose transactions overlap, span segments, commit and abort. After
 * a crash the log holds a beginning of what was sent, and says of its transactions exactly what
 * follows from that beginning: the last stable offset and every abort.
 */
final class TransactingScript extends LogScript {
  private static final LogSettings SETTINGS = LogSettings.DEFAULTS.withSegmentBytes(1024);
  private static final int PRODUCERS = 3;
  private static final int STEPS = 48;

  /** A batch or a marker (then there are no bytes), at the offset of its place in the list. */
  private record Sent(
      int producer, int sequence, @Nullable ByteBuffer batch, ControlRecordType type) {
    ByteBuffer bytes() {
      return batch == null ? TestBatches.marker(type, 100 + producer, 0, 1) : batch;
    }

    AppendOrigin origin() {
      return batch == null ? AppendOrigin.COORDINATOR : AppendOrigin.VERIFIED_CLIENT;
    }
  }

  private final List<Sent> sent = new ArrayList<>();
  private final int[] sequences = new int[PRODUCERS];

  TransactingScript(SimulatedLogFiles files) {
    super(files, SETTINGS);
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
    LogDriver recovered = reopen();
    int end = (int) recovered.log().logEndOffset();
    assertThat(end).isLessThanOrEqualTo(sent.size());
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
    LogDriver reopened = openClean();
    assertTransactions(reopened);
    if (!sent.isEmpty()) {
      assertDuplicate(reopened);
    }
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
    append(driver, next.bytes(), next.origin(), sent.size() - 1);
  }

  private void assertDuplicate(LogDriver driver) {
    for (int offset = sent.size() - 1; offset >= 0; offset--) {
      if (sent.get(offset).batch() != null) {
        assertThat(tryAppend(driver, sent.get(offset).bytes(), AppendOrigin.VERIFIED_CLIENT))
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
}
