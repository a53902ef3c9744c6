package dev.weir.benchmarks;

import dev.weir.core.time.Time;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;

/**
 * The figures behind how the log is flushed: one fdatasync for each partition or one journal for
 * all, with how many threads, into files that grow or that were filled with zeros before, with
 * fdatasync or a channel that is O_DSYNC. Bare system calls only.
 */
public final class FlushStudy {
  private static final int ROUNDS = 3;
  private static final long MILLIS = 400;
  private static final int[] THREADS = {1, 2, 4, 8, 16};
  private static final int LATENCIES = 400;

  private final Path dir;

  private FlushStudy(Path dir) {
    this.dir = dir;
  }

  /** Arguments: the repository's root and, when the data is to be elsewhere, a directory. */
  public static void main(String[] args) throws Exception {
    Path parent =
        args.length > 1
            ? Path.of(args[1])
            : Files.createDirectories(Path.of(args[0]).resolve("benchmarks/target"));
    Path dir = Files.createTempDirectory(parent, "weir-flush");
    try {
      FlushStudy study = new FlushStudy(dir);
      study.partitions();
      study.latencies();
      System.out.println(
          Machine.description()
              + "; data on "
              + Files.getFileStore(dir).type()
              + "; "
              + Machine.load());
    } finally {
      Startup.delete(dir);
    }
  }

  private void partitions() throws Exception {
    System.out.println("Acknowledgements a second of 1 KiB batches, median (min to max):");
    System.out.println();
    StringBuilder head = new StringBuilder("| partitions | writers | one journal |");
    StringBuilder line = new StringBuilder("|---|---|---|");
    for (int threads : THREADS) {
      head.append(" own files, ").append(threads).append(" threads |");
      line.append("---|");
    }
    System.out.println(head);
    System.out.println(line);
    for (int partitions : new int[] {1, 4, 16, 64}) {
      for (int writers : new int[] {16, 256}) {
        System.out.println(row(partitions, writers));
      }
    }
    System.out.println();
  }

  private String row(int partitions, int writers) throws Exception {
    ByteBuffer batch = SampleBatch.of(1 << 10, 100).bytes();
    Samples journal = new Samples();
    Samples[] own = new Samples[THREADS.length];
    Arrays.setAll(own, i -> new Samples());
    for (int round = 0; round < ROUNDS; round++) {
      journal.add(
          new GroupCommit(dir, partitions, writers, 1, batch).run(GroupCommit.Way.JOURNAL, MILLIS));
      for (int i = 0; i < THREADS.length && useful(i, partitions); i++) {
        own[i].add(
            new GroupCommit(dir, partitions, writers, THREADS[i], batch)
                .run(GroupCommit.Way.PER_PARTITION, MILLIS));
      }
    }
    StringBuilder text = new StringBuilder();
    text.append("| ").append(partitions).append(" | ").append(writers).append(" | ");
    text.append(journal.summary()).append(" |");
    for (int i = 0; i < THREADS.length; i++) {
      text.append(' ').append(useful(i, partitions) ? own[i].summary() : "").append(" |");
    }
    return text.toString();
  }

  /** More threads than files do nothing. */
  private static boolean useful(int threads, int partitions) {
    return THREADS[threads] <= partitions;
  }

  private void latencies() throws IOException {
    System.out.println("Microseconds until a batch at the end of one file is stable:");
    System.out.println();
    System.out.println("| | | median | 99th percentile |");
    System.out.println("|---|---|---|---|");
    for (int bytes : new int[] {4 << 10, 64 << 10}) {
      long[] growing = new long[0];
      long[] filled = new long[0];
      long[] growingDsync = new long[0];
      long[] filledDsync = new long[0];
      for (int round = 0; round < ROUNDS; round++) {
        growing = concat(growing, latencies(bytes, false, false));
        filled = concat(filled, latencies(bytes, true, false));
        growingDsync = concat(growingDsync, latencies(bytes, false, true));
        filledDsync = concat(filledDsync, latencies(bytes, true, true));
      }
      String batch = (bytes >> 10) + " KiB batches";
      print(batch, "growing file, fdatasync", growing);
      print(batch, "file filled with zeros before, fdatasync", filled);
      print(batch, "growing file, O_DSYNC", growingDsync);
      print(batch, "file filled with zeros before, O_DSYNC", filledDsync);
    }
    System.out.println();
  }

  private long[] latencies(int bytes, boolean fill, boolean dsync) throws IOException {
    Path path = dir.resolve("latency");
    ByteBuffer batch = ByteBuffer.allocateDirect(bytes);
    try {
      if (fill) {
        try (FileChannel file =
            FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
          for (int i = 0; i < LATENCIES; i++) {
            file.write(batch.clear());
          }
          file.force(true);
        }
      }
      for (int i = 0; i < bytes; i++) {
        batch.put(i, (byte) i);
      }
      try (FileChannel file = open(path, dsync)) {
        long[] nanos = new long[LATENCIES];
        for (int i = 0; i < LATENCIES; i++) {
          long start = Time.system().nanos();
          file.write(batch.clear());
          if (!dsync) {
            file.force(false);
          }
          nanos[i] = Time.system().nanos() - start;
        }
        return nanos;
      }
    } finally {
      Files.deleteIfExists(path);
    }
  }

  private static FileChannel open(Path path, boolean dsync) throws IOException {
    return dsync
        ? FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.DSYNC)
        : FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  private static long[] concat(long[] some, long[] more) {
    long[] all = Arrays.copyOf(some, some.length + more.length);
    System.arraycopy(more, 0, all, some.length, more.length);
    return all;
  }

  private static void print(String batch, String way, long[] nanos) {
    Arrays.sort(nanos);
    System.out.printf(
        Locale.ROOT,
        "| %s | %s | %,.0f | %,.0f |%n",
        batch,
        way,
        nanos[nanos.length / 2] / 1e3,
        nanos[nanos.length * 99 / 100] / 1e3);
  }
}
