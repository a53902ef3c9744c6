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
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * Appends into the page cache: check, sequence, offsets, write. The limit is {@code
 * FileChannel.write} of the same buffer as often into a new file. Files are deleted before the
 * kernel begins to write them back, so the disk plays no part.
 */
final class AppendSpeed {
  private static final int[] BATCH_BYTES = {1 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20};
  private static final int[] VALUE_BYTES = {100, 1000};
  private static final int ROUNDS = 7;

  /** Small ones take as long as large ones: about a system call each. */
  private static final long MOST_BATCHES = 50_000;

  private static final long MOST_BYTES = 192L << 20;

  private final Path dir;
  private final SampleBatch batch;
  private final int batches;
  private double allocatedPerBatch;

  private AppendSpeed(Path dir, SampleBatch batch) {
    this.dir = dir;
    this.batch = batch;
    this.batches = (int) Math.min(MOST_BATCHES, MOST_BYTES / batch.size());
  }

  static void run(Path dir, StorageTable table) throws Exception {
    for (int valueBytes : VALUE_BYTES) {
      for (int batchBytes : BATCH_BYTES) {
        SampleBatch batch = SampleBatch.of(batchBytes, Math.min(valueBytes, batchBytes - 100));
        new AppendSpeed(dir, batch).measure(batchBytes, valueBytes, table);
      }
    }
  }

  private void measure(int batchBytes, int valueBytes, StorageTable table) throws Exception {
    Turns turns = Turns.rates(ROUNDS, this::append, this::write);
    double recordsPerMegabyte = 1e6 / batch.size() * batch.records();
    table.add(
        String.format(Locale.ROOT, "append %,d KiB of %,d B records", batchBytes >> 10, valueBytes),
        "MB/s",
        turns,
        String.format(
            Locale.ROOT,
            "%,.0f records/s, %,.0f B allocated a batch; CRC-32C alone %,.0f MB/s",
            turns.ours().median() * recordsPerMegabyte,
            allocatedPerBatch,
            checksum()));
  }

  private double append() throws IOException {
    CallersLoop loop = new CallersLoop();
    PartitionLog log = loop.open(dir.resolve("log"), LogSettings.DEFAULTS);
    long allocated = ThreadUse.allocatedBytes();
    long start = ThreadUse.cpuNanos();
    for (int i = 0; i < batches; i++) {
      if (!(log.append(batch.bytes(), 1) instanceof AppendOutcome.Appended)) {
        throw new IOException("a batch was not appended");
      }
    }
    double rate = megabytesPerSecond(start);
    allocatedPerBatch = (double) (ThreadUse.allocatedBytes() - allocated) / batches;
    loop.delete(log);
    return rate;
  }

  private double write() throws IOException {
    Path file = dir.resolve("file");
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = batch.bytes().duplicate();
      long start = ThreadUse.cpuNanos();
      for (int i = 0; i < batches; i++) {
        bytes.rewind();
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      }
      return megabytesPerSecond(start);
    } finally {
      Files.delete(file);
    }
  }

  private double checksum() {
    Samples samples = new Samples();
    for (int round = 0; round < ROUNDS; round++) {
      long start = ThreadUse.cpuNanos();
      for (int i = 0; i < batches; i++) {
        CRC32C crc = new CRC32C();
        crc.update(batch.bytes().duplicate());
        if (crc.getValue() == 0) {
          throw new IllegalStateException("an unlikely checksum");
        }
      }
      samples.add(megabytesPerSecond(start));
    }
    return samples.median();
  }

  private double megabytesPerSecond(long startNanos) {
    return 1e3 * batches * batch.size() / (ThreadUse.cpuNanos() - startNanos);
  }
}
