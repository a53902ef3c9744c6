package dev.weir.benchmarks;

import dev.weir.core.disk.FileRange;
import dev.weir.core.time.Time;
import dev.weir.storage.AppendOutcome;
import dev.weir.storage.LogSettings;
import dev.weir.storage.PartitionLog;
import dev.weir.storage.ReadOutcome;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/**
 * Reads of whole batches as file ranges, sent over a loopback socket with {@code transferTo}, from
 * the page cache. The limit sends the same ranges without a log.
 *
 * <p>Near the end of the log a read is answered from memory; before that by a search that a broker
 * runs on a read thread, here on the same one.
 */
final class ReadSpeed {
  private static final int BATCH_BYTES = 64 << 10;
  private static final int[] RANGE_BYTES = {64 << 10, 256 << 10, 1 << 20};
  private static final int ROUNDS = 7;
  private static final long LOG_BYTES = 512L << 20;

  /** Less than what the log takes to be hot. */
  private static final long HOT_BYTES = 48L << 20;

  private static final long SENT_BYTES = 768L << 20;
  private static final int LOOKUPS = 200_000;

  private final PartitionLog log;
  private final FileChannel file;
  private final int batchBytes;
  private final int batchRecords;

  private ReadSpeed(PartitionLog log, FileChannel file, SampleBatch batch) {
    this.log = log;
    this.file = file;
    this.batchBytes = batch.size();
    this.batchRecords = batch.records();
  }

  static void run(Path dir, StorageTable table) throws Exception {
    CallersLoop loop = new CallersLoop();
    PartitionLog log = loop.open(dir.resolve("log"), LogSettings.DEFAULTS);
    SampleBatch batch = SampleBatch.of(BATCH_BYTES, 1000);
    for (long written = 0; written < LOG_BYTES; written += batch.size()) {
      if (!(log.append(batch.bytes(), 1) instanceof AppendOutcome.Appended)) {
        throw new IOException("a batch was not appended");
      }
    }
    log.requestFlush();
    loop.runAll(); // so that nothing is written back during the measurement
    Path segment = dir.resolve("log").resolve(String.format(Locale.ROOT, "%020d.log", 0));
    try (FileChannel file = FileChannel.open(segment, StandardOpenOption.READ);
        Drain drain = new Drain()) {
      ReadSpeed speed = new ReadSpeed(log, file, batch);
      long batches = log.sizeInBytes() / batch.size();
      long hot = HOT_BYTES / batch.size();
      for (int rangeBytes : RANGE_BYTES) {
        speed.measure("near the end", batches - hot, batches, rangeBytes, drain.socket(), table);
        speed.measure("by search", 0, batches - 2 * hot, rangeBytes, drain.socket(), table);
      }
    }
    loop.delete(log);
  }

  private void measure(
      String where, long from, long to, int rangeBytes, SocketChannel socket, StorageTable table)
      throws Exception {
    Turns turns =
        Turns.rates(
            ROUNDS,
            () -> send(from, to, rangeBytes, socket),
            () -> sendFile(from, to, rangeBytes, socket));
    table.add(
        String.format(Locale.ROOT, "read %,d KiB ranges, %s", rangeBytes >> 10, where),
        "MB/s",
        turns,
        lookups(from, to, rangeBytes));
  }

  private double send(long from, long to, int rangeBytes, SocketChannel socket) throws IOException {
    long sent = 0;
    long offset = from * batchRecords;
    long start = Time.system().nanos();
    while (sent < SENT_BYTES) {
      ReadOutcome.Slice slice = read(offset, to, rangeBytes);
      FileRange range = slice.range();
      FileChannel channel = range.channel();
      if (channel == null) {
        throw new IOException("the range has no file");
      }
      transfer(channel, range.position(), range.length(), socket);
      sent += range.length();
      range.release();
      offset = slice.nextOffset() == to * batchRecords ? from * batchRecords : slice.nextOffset();
    }
    return 1e3 * sent / (Time.system().nanos() - start);
  }

  private double sendFile(long from, long to, int rangeBytes, SocketChannel socket)
      throws IOException {
    int length = Math.max(1, rangeBytes / batchBytes) * batchBytes;
    long sent = 0;
    long position = from * batchBytes;
    long end = to * batchBytes;
    long start = Time.system().nanos();
    while (sent < SENT_BYTES) {
      int each = (int) Math.min(length, end - position);
      transfer(file, position, each, socket);
      sent += each;
      position = position + each == end ? from * batchBytes : position + each;
    }
    return 1e3 * sent / (Time.system().nanos() - start);
  }

  /** What a read costs without sending anything: time on the processor, since nothing waits. */
  private String lookups(long from, long to, int rangeBytes) throws IOException {
    long offset = from * batchRecords;
    long allocated = ThreadUse.allocatedBytes();
    long start = ThreadUse.cpuNanos();
    for (int i = 0; i < LOOKUPS; i++) {
      ReadOutcome.Slice slice = read(offset, to, rangeBytes);
      slice.range().release();
      offset = slice.nextOffset() == to * batchRecords ? from * batchRecords : slice.nextOffset();
    }
    long nanos = ThreadUse.cpuNanos() - start;
    return String.format(
        Locale.ROOT,
        "%.1f µs and %,.0f B allocated a range",
        nanos / 1e3 / LOOKUPS,
        (double) (ThreadUse.allocatedBytes() - allocated) / LOOKUPS);
  }

  private ReadOutcome.Slice read(long offset, long to, int rangeBytes) throws IOException {
    ReadOutcome outcome = log.read(offset, rangeBytes, to * batchRecords);
    if (outcome instanceof ReadOutcome.NeedsDisk needsDisk) {
      outcome = needsDisk.read().run();
    }
    if (outcome instanceof ReadOutcome.Slice slice) {
      return slice;
    }
    throw new IOException("offset " + offset + " was not read: " + outcome);
  }

  private static void transfer(FileChannel from, long at, int length, WritableByteChannel to)
      throws IOException {
    for (long done = 0; done < length; ) {
      done += from.transferTo(at + done, length - done, to);
    }
  }
}
