package dev.weir.benchmarks;

import dev.weir.core.time.Time;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Writers that wait for stable storage, with bare system calls: every writer has one batch
 * outstanding; a file's waiting batches are written and share one fdatasync, after which they are
 * acknowledged and the next ones are there. Files take turns on a fixed number of threads.
 */
final class GroupCommit {
  private static final long SETTLE_MILLIS = 200;

  /** How a batch becomes stable. */
  enum Way {
    /** One fdatasync for each partition's file. */
    PER_PARTITION,
    /**
     * One fdatasync for all: every batch goes to a journal and, unforced, to its partition's file.
     */
    JOURNAL
  }

  private final Path dir;
  private final int partitions;
  private final int writers;
  private final int threads;
  private final ByteBuffer batch;
  private final LongAdder acknowledged = new LongAdder();
  private volatile boolean stopping;

  GroupCommit(Path dir, int partitions, int writers, int threads, ByteBuffer batch) {
    this.dir = dir;
    this.partitions = partitions;
    this.writers = writers;
    this.threads = threads;
    this.batch = batch;
  }

  /** Acknowledgements a second over a time. */
  double run(Way way, long millis) throws IOException, InterruptedException {
    List<FileChannel> files = new ArrayList<>();
    for (int i = 0; i <= partitions; i++) {
      files.add(
          FileChannel.open(
              dir.resolve("file" + i), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    }
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      if (way == Way.JOURNAL) {
        pool.execute(() -> journalRound(pool, files));
      } else {
        for (int i = 0; i < Math.min(partitions, writers); i++) {
          int share = writers / partitions + (i < writers % partitions ? 1 : 0);
          FileChannel file = files.get(i);
          pool.execute(() -> fileRound(pool, file, share));
        }
      }
      TimeUnit.MILLISECONDS.sleep(SETTLE_MILLIS);
      long before = acknowledged.sum();
      long start = Time.system().nanos();
      TimeUnit.MILLISECONDS.sleep(millis);
      return 1e9 * (acknowledged.sum() - before) / (Time.system().nanos() - start);
    } finally {
      stop(pool, files);
    }
  }

  private void stop(ExecutorService pool, List<FileChannel> files)
      throws IOException, InterruptedException {
    stopping = true;
    pool.shutdown();
    if (!pool.awaitTermination(30, TimeUnit.SECONDS)) {
      throw new IOException("a flush did not end");
    }
    for (int i = 0; i <= partitions; i++) {
      files.get(i).close();
      Files.delete(dir.resolve("file" + i));
    }
  }

  private void fileRound(ExecutorService pool, FileChannel file, int batches) {
    write(file, batches);
    force(file);
    acknowledged.add(batches);
    if (!stopping) {
      resubmit(pool, () -> fileRound(pool, file, batches));
    }
  }

  private void journalRound(ExecutorService pool, List<FileChannel> files) {
    FileChannel journal = files.get(partitions);
    for (int i = 0; i < partitions; i++) {
      int share = writers / partitions + (i < writers % partitions ? 1 : 0);
      write(journal, share);
      write(files.get(i), share);
    }
    force(journal);
    acknowledged.add(writers);
    if (!stopping) {
      resubmit(pool, () -> journalRound(pool, files));
    }
  }

  private static void resubmit(ExecutorService pool, Runnable next) {
    if (!pool.isShutdown()) {
      pool.execute(next);
    }
  }

  private void write(FileChannel file, int batches) {
    ByteBuffer bytes = batch.duplicate();
    try {
      for (int i = 0; i < batches; i++) {
        bytes.rewind();
        while (bytes.hasRemaining()) {
          file.write(bytes);
        }
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static void force(FileChannel file) {
    try {
      file.force(false);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
