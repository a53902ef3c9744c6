package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.record.Compression;
import dev.weir.core.record.ControlRecordType;
import dev.weir.core.record.RecordBatchBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A small log of several segments, with everything in its directory that such a log can have. */
enum BitFlipLog {
  /** Two idempotent producers, three leader epochs. */
  PLAIN(12) {
    @Override
    ByteBuffer batch(int number) {
      return TestBatches.batch(
          100 + number % 2, 0, number / 2, "value " + number + "-".repeat(100));
    }
  },

  /** The same keys again and again, then compacted, then a few more. */
  COMPACTED(20) {
    @Override
    LogSettings settings() {
      return super.settings()
          .withRetention(RetentionSettings.DEFAULTS.withDeletes(false))
          .withCompaction(CompactionSettings.DEFAULTS.withCompacts(true));
    }

    @Override
    ByteBuffer batch(int number) {
      RecordBatchBuilder builder =
          KeyedLog.builder(
              Compression.NONE, 1_000 + number, "k" + number * 7 % 5 + "=" + "-".repeat(100));
      builder.producer(100 + number % 2, (short) 0, number / 2, false);
      return builder.build();
    }

    @Override
    void write(LogDriver driver) {
      append(driver, 0, batches() - 5);
      assertThat(clean(driver)).isNull();
      assertThat(driver.log().sizeInBytes()).as("compacted").isLessThan(2_500);
      append(driver, batches() - 5, batches());
    }

    @Override
    String more(LogDriver driver) throws IOException {
      String problem = clean(driver);
      return problem == null
          ? KeyedLog.fold(KeyedLog.entries(KeyedLog.batches(driver, 450))).toString()
          : SAYS_SO;
    }

    private @Nullable String clean(LogDriver driver) {
      driver.flush();
      assertThat(driver.clean(1_700_000_000_000L)).isDone();
      return driver.log().uncleanable();
    }
  },

  /** Transactions that commit, abort, overlap and stay open. */
  TRANSACTIONS(18) {
    @Override
    @Nullable ByteBuffer batch(int number) {
      int sequence = number / 9 * 2 + number % 9 / 3;
      return endsTransaction(number)
          ? null
          : TestBatches.transactional(
              100 + number % 3, 0, sequence, "value " + number + "-".repeat(60));
    }

    @Override
    AppendOutcome append(LogDriver driver, int number) {
      ByteBuffer batch = batch(number);
      ControlRecordType end = number % 3 == 1 ? ControlRecordType.COMMIT : ControlRecordType.ABORT;
      return batch == null
          ? driver
              .log()
              .append(
                  TestBatches.marker(end, 100 + number % 3, 0, 1),
                  epoch(number),
                  AppendOrigin.COORDINATOR)
          : driver.log().append(batch, epoch(number), AppendOrigin.VERIFIED_CLIENT);
    }

    /** All three after two batches each; the last one never. */
    private boolean endsTransaction(int number) {
      return number % 9 >= 6 && number != batches() - 1;
    }
  };

  /** In place of answers: what is wrong was named. */
  static final String SAYS_SO = "says so";

  private static final int[] EPOCHS = {4, 5, 7};

  private final int batches;

  BitFlipLog(int batches) {
    this.batches = batches;
  }

  /** How many are appended, each of one record. */
  int batches() {
    return batches;
  }

  LogSettings settings() {
    return LogSettings.DEFAULTS.withSegmentBytes(1024).withIndexIntervalBytes(100);
  }

  /** Null: a marker. */
  abstract @Nullable ByteBuffer batch(int number);

  AppendOutcome append(LogDriver driver, int number) {
    ByteBuffer batch = batch(number);
    assertThat(batch).isNotNull();
    return driver.log().append(batch, epoch(number));
  }

  void write(LogDriver driver) {
    append(driver, 0, batches);
  }

  /** What else there is to be asked. */
  String more(LogDriver driver) throws IOException {
    return "";
  }

  final void append(LogDriver driver, int from, int to) {
    for (int number = from; number < to; number++) {
      assertThat(append(driver, number)).isInstanceOf(AppendOutcome.Appended.class);
      driver.flush();
    }
  }

  /** A third of the batches each; flips lead from one epoch to another. */
  final int epoch(int number) {
    return EPOCHS[number * EPOCHS.length / batches];
  }
}
