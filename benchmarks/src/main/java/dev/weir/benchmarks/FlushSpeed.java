package dev.weir.benchmarks;

import dev.weir.broker.ThreadSettings;
import dev.weir.core.loop.ThreadLoop;
import dev.weir.core.time.Time;
import dev.weir.core.topic.TopicPartition;
import dev.weir.storage.AppendOutcome;
import dev.weir.storage.LogListener;
import dev.weir.storage.LogSettings;
import dev.weir.storage.PartitionLog;
import dev.weir.storage.disk.ChannelLogFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Acknowledgements a second from stable storage. Every writer has one batch outstanding and sends
 * the next when it is told that the last one is flushed; logs live on loops and flush threads as in
 * a broker. The limit is {@link GroupCommit} with as many writers, files and threads.
 */
final class FlushSpeed {
  private static final int BATCH_BYTES = 1 << 10;
  private static final int ROUNDS = 5;
  private static final long MILLIS = 700;
  private static final long SETTLE_MILLIS = 200;
  private static final int LOOPS = 2;

  private final Path dir;
  private final int partitions;
  private final int writers;
  private final int flushThreads;
  private final SampleBatch batch = SampleBatch.of(BATCH_BYTES, 100);

  private FlushSpeed(Path dir, int partitions, int writers, int flushThreads) {
    this.dir = dir;
    this.partitions = partitions;
    this.writers = writers;
    this.flushThreads = flushThreads;
  }

  static void run(Path dir, StorageTable table) throws Exception {
    for (int partitions : new int[] {1, 4, 16}) {
      for (int writers : new int[] {1, 16, 256}) {
        if (writers >= partitions) {
          new FlushSpeed(dir, partitions, writers, ThreadSettings.DEFAULT_FLUSH).measure(table);
        }
      }
    }
  }

  private void measure(StorageTable table) throws Exception {
    Turns turns =
        Turns.rates(
            ROUNDS,
            this::acknowledgements,
            () ->
                new GroupCommit(dir, partitions, writers, flushThreads, batch.bytes())
                    .run(GroupCommit.Way.PER_PARTITION, MILLIS));
    table.add(
        String.format(
            Locale.ROOT, "flush, %d writers of 1 KiB batches, %d partitions", writers, partitions),
        "acks/s",
        turns,
        flushThreads + " flush threads");
  }

  private double acknowledgements() throws Exception {
    List<ThreadLoop> loops = new ArrayList<>();
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    for (int i = 0; i < LOOPS; i++) {
      loops.add(new ThreadLoop("weir-partition-" + i, failure::set));
    }
    ExecutorService flush = Executors.newFixedThreadPool(flushThreads);
    LongAdder acknowledged = new LongAdder();
    List<Writers> all = new ArrayList<>();
    try {
      for (int i = 0; i < partitions; i++) {
        int share = writers / partitions + (i < writers % partitions ? 1 : 0);
        Writers each =
            new Writers(dir.resolve("log" + i), loops.get(i % LOOPS), share, flush, acknowledged);
        all.add(each);
        each.start();
      }
      TimeUnit.MILLISECONDS.sleep(SETTLE_MILLIS);
      long before = acknowledged.sum();
      long start = Time.system().nanos();
      TimeUnit.MILLISECONDS.sleep(MILLIS);
      double rate = 1e9 * (acknowledged.sum() - before) / (Time.system().nanos() - start);
      Throwable failed = failure.get();
      if (failed != null) {
        throw new IOException("a loop failed", failed);
      }
      return rate;
    } finally {
      for (Writers each : all) {
        each.stop().join();
      }
      flush.shutdown();
      loops.forEach(ThreadLoop::close);
      for (int i = 0; i < partitions; i++) {
        if (Files.exists(dir.resolve("log" + i))) {
          Startup.delete(dir.resolve("log" + i));
        }
      }
    }
  }

  /** The writers of one partition. Lives in its loop. */
  private final class Writers implements LogListener {
    private final ThreadLoop loop;
    private final PartitionLog log;
    private final int writers;
    private final LongAdder acknowledged;
    private long sentOffset;
    private long flushedOffset;
    private boolean stopping;

    Writers(
        Path directory, ThreadLoop loop, int writers, ExecutorService flush, LongAdder acknowledged)
        throws IOException {
      this.loop = loop;
      this.writers = writers;
      this.acknowledged = acknowledged;
      this.log =
          PartitionLog.open(
                  new TopicPartition("measured", 0),
                  directory,
                  LogSettings.DEFAULTS,
                  new ChannelLogFiles(CallersLoop.MOST_OPEN_FILES),
                  Time.system())
              .log();
      log.attach(loop, flush, this);
    }

    void start() {
      loop.execute(() -> send(writers));
    }

    CompletableFuture<Void> stop() {
      CompletableFuture<Void> deleted = new CompletableFuture<>();
      loop.execute(
          () -> {
            stopping = true;
            var unused =
                log.delete(new UUID(0, 0)).whenComplete((nothing, error) -> deleted.complete(null));
          });
      return deleted;
    }

    private void send(long batches) {
      for (long i = 0; i < batches && !stopping; i++) {
        if (!(log.append(batch.bytes(), 1) instanceof AppendOutcome.Appended)) {
          throw new IllegalStateException("a batch was not appended");
        }
        sentOffset = log.logEndOffset();
        log.requestFlush();
      }
    }

    @Override
    public void onFlushed(long offset) {
      long batches = (Math.min(offset, sentOffset) - flushedOffset) / batch.records();
      flushedOffset = offset;
      acknowledged.add(batches);
      loop.execute(() -> send(batches));
    }

    @Override
    public void onOffline(Throwable cause) {
      throw new IllegalStateException("the log went offline", cause);
    }
  }
}
