package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.record.ControlRecordType;
import dev.weir.storage.disk.SimulatedLogFiles;
import dev.weir.storage.disk.Survival;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/**
 * Random producers begin, append, commit and abort while the log rolls, truncates, is closed or
 * loses power. A list of what was appended says what the log must answer.
 */
class TransactionsModelTest {
  private static final Path DIRECTORY = Path.of("/data/orders-0");
  private static final LogSettings SETTINGS =
      LogSettings.DEFAULTS.withSegmentBytes(1024).withIndexIntervalBytes(150);

  /** One batch of one record, which has the offset of its place in the list. */
  private record Entry(long producer, int sequence, Kind kind, ByteBuffer batch) {}

  private enum Kind {
    PLAIN,
    TRANSACTIONAL,
    COMMIT,
    ABORT
  }

  private final SimulatedLogFiles files = new SimulatedLogFiles(Path.of("/data"));
  private final List<Entry> model = new ArrayList<>();

  @Property(tries = 150)
  void answersAsTheModel(@ForAll @Size(max = 80) List<@IntRange(max = 9_999) Integer> steps)
      throws IOException {
    LogDriver driver = open();
    for (int step : steps) {
      int producer = step / 100 % 3;
      switch (step % 100 / 8) {
        case 0, 1, 2, 3 -> append(driver, producer, Kind.TRANSACTIONAL, step);
        case 4 -> append(driver, producer, Kind.PLAIN, step);
        case 5, 6 -> append(driver, producer, Kind.COMMIT, step);
        case 7, 8 -> append(driver, producer, Kind.ABORT, step);
        case 9 -> driver.flush();
        case 10 -> truncate(driver, model.size() - step / 300);
        case 11 -> {
          driver.close();
          driver = open();
        }
        default -> {
          driver.flush();
          files.cutPower(step % 2 == 0 ? Survival.NONE : Survival.TORN, new Random(step));
          driver = open();
        }
      }
      requireAgreement(driver);
    }
    files.kill();
    requireAgreement(open());
  }

  private LogDriver open() throws IOException {
    return new LogDriver(files, DIRECTORY, SETTINGS);
  }

  private void append(LogDriver driver, int producer, Kind kind, int step) {
    Kind wanted = kind == Kind.PLAIN && openSince(producer) >= 0 ? Kind.TRANSACTIONAL : kind;
    int sequence = nextSequence(producer);
    String value = "step " + step + "-".repeat(step % 400);
    ByteBuffer batch =
        switch (wanted) {
          case PLAIN -> TestBatches.batch(producer, 0, sequence, value);
          case TRANSACTIONAL -> TestBatches.transactional(producer, 0, sequence, value);
          case COMMIT -> TestBatches.marker(ControlRecordType.COMMIT, producer, 0, 0);
          case ABORT -> TestBatches.marker(ControlRecordType.ABORT, producer, 0, 0);
        };
    AppendOrigin origin =
        wanted == Kind.COMMIT || wanted == Kind.ABORT
            ? AppendOrigin.COORDINATOR
            : AppendOrigin.VERIFIED_CLIENT;
    assertThat(driver.log().append(batch.duplicate(), 7, origin))
        .isEqualTo(new AppendOutcome.Appended(model.size(), model.size(), -1));
    model.add(new Entry(producer, sequence, wanted, batch));
  }

  private void truncate(LogDriver driver, int size) {
    int kept = Math.max(0, size);
    assertThat(driver.truncateTo(kept)).isEqualTo(kept);
    model.subList(kept, model.size()).clear();
  }

  private void requireAgreement(LogDriver driver) throws IOException {
    int end = model.size();
    assertThat(driver.log().logEndOffset()).isEqualTo(end);
    List<AbortedTransaction> aborted = new ArrayList<>();
    Map<Long, Long> open = new TreeMap<>();
    for (int offset = 0; offset < end; offset++) {
      Entry entry = model.get(offset);
      if (entry.kind == Kind.TRANSACTIONAL) {
        open.putIfAbsent(entry.producer, (long) offset);
      } else if (entry.kind != Kind.PLAIN) {
        Long first = open.remove(entry.producer);
        if (first != null && entry.kind == Kind.ABORT) {
          long stable = open.values().stream().min(Comparator.naturalOrder()).orElse(offset + 1L);
          aborted.add(new AbortedTransaction(entry.producer, first, offset, stable));
        }
      }
    }
    long stable = open.values().stream().min(Comparator.naturalOrder()).orElse((long) end);
    assertThat(driver.log().lastStableOffset(end)).isEqualTo(stable);
    assertThat(driver.log().abortedTransactions(0, Long.MAX_VALUE).run()).isEqualTo(aborted);
    long middle = end / 2;
    assertThat(driver.log().abortedTransactions(middle, middle + 3).run())
        .isEqualTo(aborted.stream().filter(each -> each.reaches(middle, middle + 3)).toList());
    for (int offset = end - 1; offset >= Math.max(0, end - 3); offset--) {
      Entry entry = model.get(offset);
      if (entry.kind == Kind.PLAIN || entry.kind == Kind.TRANSACTIONAL) {
        assertThat(driver.log().append(entry.batch.duplicate(), 7, AppendOrigin.VERIFIED_CLIENT))
            .isEqualTo(new AppendOutcome.Duplicate(offset, offset));
      }
    }
  }

  private long openSince(long producer) {
    long since = -1;
    for (int offset = 0; offset < model.size(); offset++) {
      Entry entry = model.get(offset);
      if (entry.producer == producer) {
        since =
            entry.kind == Kind.COMMIT || entry.kind == Kind.ABORT
                ? -1
                : entry.kind == Kind.TRANSACTIONAL && since < 0 ? offset : since;
      }
    }
    return since;
  }

  private int nextSequence(long producer) {
    int next = 0;
    for (Entry entry : model) {
      boolean data = entry.kind == Kind.PLAIN || entry.kind == Kind.TRANSACTIONAL;
      next = data && entry.producer == producer ? entry.sequence + 1 : next;
    }
    return next;
  }
}
