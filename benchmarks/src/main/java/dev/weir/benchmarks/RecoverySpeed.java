package dev.weir.benchmarks;

import dev.weir.storage.AppendOutcome;
import dev.weir.storage.LogSettings;
import dev.weir.storage.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * Opening a log after a crash, when nothing of it is known to be flushed: every batch is read and
 * verified, on one thread. Measured on 1 GiB in the page cache, told for 10 GiB. The limit reads
 * the same files in large pieces and computes CRC-32C over them.
 */
final class RecoverySpeed {
  private static final long LOG_BYTES = 1L << 30;
  private static final int SEGMENT_BYTES = 256 << 20;
  private static final int[] BATCH_BYTES = {1 << 10, 16 << 10, 64 << 10, 1 << 20};
  private static final int ROUNDS = 5;
  private static final int PIECE_BYTES = 256 << 10;
  private static final double TOLD_BYTES = 10.0 * (1L << 30);

  private final Path crashed;
  private final Path opened;
  private long bytes;

  private RecoverySpeed(Path dir) {
    this.crashed = dir.resolve("crashed");
    this.opened = dir.resolve("opened");
  }

  static void run(Path dir, StorageTable table) throws Exception {
    for (int batchBytes : BATCH_BYTES) {
      new RecoverySpeed(dir).measure(batchBytes, table);
    }
  }

  private void measure(int batchBytes, StorageTable table) throws Exception {
    crash(SampleBatch.of(batchBytes, batchBytes > 2000 ? 1000 : 100));
    Turns turns = Turns.times(ROUNDS, this::recover, this::readAndChecksum);
    table.add(
        String.format(Locale.ROOT, "recovery, batches of %,d KiB", batchBytes >> 10),
        "s for 10 GiB",
        turns,
        String.format(Locale.ROOT, "%,.0f MB/s", TOLD_BYTES / 1e6 / turns.ours().median()));
    Startup.delete(crashed);
  }

  /** What a killed process leaves: the batches, and no word on how much of them was flushed. */
  private void crash(SampleBatch batch) throws IOException {
    CallersLoop loop = new CallersLoop();
    Path live = Files.createDirectories(opened).resolve("log");
    PartitionLog log = loop.open(live, LogSettings.DEFAULTS.withSegmentBytes(SEGMENT_BYTES));
    while (log.sizeInBytes() < LOG_BYTES) {
      if (!(log.append(batch.bytes(), 1) instanceof AppendOutcome.Appended)) {
        throw new IOException("a batch was not appended");
      }
    }
    bytes = log.sizeInBytes();
    Files.createDirectories(crashed);
    link(live, crashed);
    loop.delete(log);
    for (Path file : files(crashed)) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.force(false); // so that no recovery waits for the disk
      }
    }
  }

  private double recover() throws IOException {
    Path directory = Files.createDirectories(opened.resolve("log"));
    link(crashed, directory);
    CallersLoop loop = new CallersLoop();
    long start = ThreadUse.cpuNanos();
    PartitionLog log = loop.open(directory, LogSettings.DEFAULTS);
    double seconds = secondsForTen(start);
    if (log.isOffline() || log.sizeInBytes() != bytes) {
      throw new IOException(log.sizeInBytes() + " bytes were recovered of " + bytes);
    }
    loop.delete(log);
    return seconds;
  }

  private double readAndChecksum() throws IOException {
    ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
    long start = ThreadUse.cpuNanos();
    for (Path file : files(crashed)) {
      CRC32C crc = new CRC32C();
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        while (channel.read(piece.clear()) >= 0) {
          crc.update(piece.flip());
        }
      }
      if (crc.getValue() == 0 && Files.size(file) > PIECE_BYTES) {
        throw new IOException(file + " has an unlikely checksum");
      }
    }
    return secondsForTen(start);
  }

  private double secondsForTen(long startNanos) {
    return (ThreadUse.cpuNanos() - startNanos) / 1e9 * TOLD_BYTES / bytes;
  }

  /** Recovery changes no byte of a batch, so the files can be shared between turns. */
  private static void link(Path from, Path to) throws IOException {
    for (Path file : files(from)) {
      String name = file.getFileName().toString();
      if (name.endsWith(".log")) {
        Files.createLink(to.resolve(name), file);
      } else if (!name.endsWith("index")) {
        Files.copy(file, to.resolve(name));
      }
    }
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }
}
