package dev.weir.benchmarks;

import dev.weir.core.record.Compression;
import dev.weir.core.record.RecordBatchBuilder;
import dev.weir.core.time.Time;
import dev.weir.storage.AppendOutcome;
import dev.weir.storage.CleaningLimits;
import dev.weir.storage.CleaningReport;
import dev.weir.storage.CompactionSettings;
import dev.weir.storage.IoPace;
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
import java.util.Random;
import java.util.stream.Stream;

/**
 * Compacting a whole log, told in bytes of the log as it was: its records are read for their keys,
 * read again, and what stays is written, flushed and put in place. The limit does no more than the
 * disk has to: it reads the same files twice and writes as many bytes as stayed, flushed. The log
 * is in the page cache; the time is on the clock, because the flushes count.
 */
final class CompactSpeed {
  private static final long LOG_BYTES = 192L << 20;
  private static final int SEGMENT_BYTES = 64 << 20;
  private static final int BATCH_BYTES = 64 << 10;
  private static final int[] VALUE_BYTES = {100, 1 << 10};
  private static final int ROUNDS = 3;
  private static final int PIECE_BYTES = 256 << 10;
  private static final long KEY_TABLE_BYTES = 128L << 20;
  private static final LogSettings SETTINGS =
      LogSettings.DEFAULTS
          .withSegmentBytes(SEGMENT_BYTES)
          .withCompaction(CompactionSettings.DEFAULTS.withCompacts(true));

  /** How often a key is written again. */
  private enum Keys {
    FEW("1,000 keys"),
    MANY("every key twice");

    private final String words;

    Keys(String words) {
      this.words = words;
    }

    /** Of the record with this number among so many. */
    long of(long record, long records) {
      return this == FEW ? record % 1000 : record % (records / 2);
    }
  }

  private final Path dir;
  private final int valueBytes;
  private final Keys keys;
  private long logBytes;
  private long keptBytes;
  private double extraReads;

  /** Of the last turn. */
  private double cpuRate;

  private CompactSpeed(Path dir, int valueBytes, Keys keys) {
    this.dir = dir;
    this.valueBytes = valueBytes;
    this.keys = keys;
  }

  static void run(Path dir, StorageTable table) throws Exception {
    for (int valueBytes : VALUE_BYTES) {
      for (Keys keys : Keys.values()) {
        new CompactSpeed(dir, valueBytes, keys).measure(table);
      }
    }
  }

  private void measure(StorageTable table) throws Exception {
    compact(); // says how much stays, which the limit needs
    Turns turns = Turns.rates(ROUNDS, this::compact, this::readAndWrite);
    table.add(
        String.format(Locale.ROOT, "compact %,d B values, %s", valueBytes, keys.words),
        "MB/s",
        turns,
        String.format(
            Locale.ROOT,
            "%.0f %% of the log stays; %.1f bytes read a byte; %,.0f MB/s by the time on the"
                + " processor; writing alone %,.0f MB/s, reading alone %,.0f MB/s",
            100.0 * keptBytes / logBytes,
            extraReads,
            cpuRate,
            write(logBytes),
            read(files())));
    Startup.delete(dir.resolve("log"));
  }

  private double compact() throws Exception {
    Startup.delete(Files.createDirectories(dir.resolve("log")));
    CallersLoop loop = new CallersLoop();
    PartitionLog log = loop.open(dir.resolve("log"), SETTINGS);
    fill(log);
    log.requestFlush();
    loop.runAll(); // so that nothing is written back during the measurement
    long cpuStart = ThreadUse.cpuNanos();
    long start = Time.system().nanos();
    var cleaned =
        log.clean(
                Time.system().wallMillis(),
                log.logEndOffset(),
                loop,
                new CleaningLimits(KEY_TABLE_BYTES, new IoPace(Long.MAX_VALUE, Time.system())))
            .toCompletableFuture();
    loop.runAll();
    CleaningReport report = cleaned.join();
    long nanos = Time.system().nanos() - start;
    logBytes = report.bytesBefore();
    cpuRate = 1e3 * logBytes / (ThreadUse.cpuNanos() - cpuStart);
    keptBytes = report.bytesKept();
    extraReads = (double) report.bytesRead() / logBytes;
    loop.close(log);
    return 1e3 * logBytes / nanos;
  }

  private void fill(PartitionLog log) throws IOException {
    byte[] value = new byte[valueBytes];
    new Random(1).nextBytes(value);
    long records = LOG_BYTES / (valueBytes + 24);
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, BATCH_BYTES);
    for (long record = 0; record < records; record++) {
      byte[] key = ByteBuffer.allocate(Long.BYTES).putLong(keys.of(record, records)).array();
      if (!builder.append(1_700_000_000_000L, key, value, List.of())) {
        append(log, builder);
        builder.append(1_700_000_000_000L, key, value, List.of());
      }
    }
    append(log, builder);
  }

  private static void append(PartitionLog log, RecordBatchBuilder builder) throws IOException {
    if (!(log.append(builder.build(), 1) instanceof AppendOutcome.Appended)) {
      throw new IOException("a batch was not appended");
    }
  }

  /** What any compaction has to do to the disk. */
  private double readAndWrite() throws IOException {
    Path whole = dir.resolve("whole");
    if (!Files.exists(whole)) {
      write(whole, logBytes);
    }
    long start = Time.system().nanos();
    read(List.of(whole));
    read(List.of(whole));
    write(keptBytes);
    return 1e3 * logBytes / (Time.system().nanos() - start);
  }

  private double write(long bytes) throws IOException {
    Path file = dir.resolve("written");
    long start = Time.system().nanos();
    write(file, bytes);
    double rate = 1e3 * bytes / (Time.system().nanos() - start);
    Files.delete(file);
    return rate;
  }

  private static void write(Path file, long bytes) throws IOException {
    ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (long left = bytes; left > 0; ) {
        piece.clear().limit((int) Math.min(PIECE_BYTES, left));
        left -= channel.write(piece);
      }
      channel.force(true);
    }
  }

  private static double read(List<Path> files) throws IOException {
    ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
    long bytes = 0;
    long start = Time.system().nanos();
    for (Path file : files) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        for (int read = 0; read >= 0; read = channel.read(piece.clear())) {
          bytes += read;
        }
      }
    }
    return 1e3 * bytes / (Time.system().nanos() - start);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(dir.resolve("log"))) {
      return files.filter(file -> file.toString().endsWith(".log")).toList();
    }
  }
}
