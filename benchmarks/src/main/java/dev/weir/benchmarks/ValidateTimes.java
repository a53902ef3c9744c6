package dev.weir.benchmarks;

import dev.weir.core.record.BatchValidator;
import dev.weir.core.record.Compression;
import dev.weir.core.record.DecompressionLimits;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.RecordBatchBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * How long a partition loop is busy with the check of one batch: of a MiB as it is sent, and of one
 * that decompresses to the most that is allowed.
 */
final class ValidateTimes {
  private static final int MIB = 1 << 20;
  private static final long WARM_UP_NANOS = 500_000_000;
  private static final int RUNS = 50;

  /** What the client's builder fills by default. */
  private static final int USUAL = 64 << 10;

  /** Below the limit of 32 MiB, with room for what a builder adds. */
  private static final int MOST_PLAIN = 31 * MIB;

  private ValidateTimes() {}

  public static void main(String[] args) throws IOException {
    System.out.println(
        "| batch | as sent, KiB | decompressed, KiB | check, ms | ns per KiB sent | ns per KiB decompressed |");
    System.out.println("|---|---|---|---|---|---|");
    for (Compression codec : Compression.values()) {
      row("text, usual size, " + name(codec), build(codec, USUAL, true));
    }
    for (Compression codec : Compression.values()) {
      row("text, a MiB sent, " + name(codec), largest(codec, true));
    }
    for (Compression codec : Compression.values()) {
      if (codec != Compression.NONE) {
        row("equal records, " + name(codec), largest(codec, false));
      }
    }
    System.out.println();
    System.out.println(Machine.description() + "; " + Machine.load());
  }

  /** The batch that has about a MiB as it is sent, or the most that is allowed decompressed. */
  private static ByteBuffer largest(Compression codec, boolean text) {
    double ratio = (double) MIB / build(codec, MIB, text).remaining();
    return build(codec, (int) Math.min(MOST_PLAIN, MIB * Math.max(1, ratio)), text);
  }

  private static ByteBuffer build(Compression codec, int plainBytes, boolean text) {
    Random random = new Random(7);
    RecordBatchBuilder builder = new RecordBatchBuilder(codec, plainBytes);
    byte[] value = line(random);
    long timestamp = 1_700_000_000_000L;
    while (builder.append(timestamp++, null, value, List.of())) {
      value = text ? line(random) : value;
    }
    return builder.build();
  }

  private static byte[] line(Random random) {
    return "{\"sensor\":%d,\"value\":%d,\"unit\":\"C\",\"site\":\"weir-%d\",\"ok\":true}"
        .formatted(random.nextInt(1000), random.nextInt(), random.nextInt(8))
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static void row(String name, ByteBuffer bytes) {
    RecordBatch batch = RecordBatch.at(bytes, 0);
    Samples millis = new Samples();
    long begin = System.nanoTime();
    while (System.nanoTime() - begin < WARM_UP_NANOS) {
      check(batch);
    }
    for (int run = 0; run < RUNS; run++) {
      millis.add(check(batch));
    }
    double sentKib = bytes.limit() / 1024.0;
    double plainKib = plainBytes(batch) / 1024.0;
    System.out.printf(
        Locale.ROOT,
        "| %s | %,.0f | %,.0f | %s | %,.0f | %,.0f |%n",
        name,
        sentKib,
        plainKib,
        millis.summary(),
        millis.median() * 1e6 / sentKib,
        millis.median() * 1e6 / plainKib);
  }

  private static double check(RecordBatch batch) {
    long start = System.nanoTime();
    BatchValidator.validate(batch, 2 * MIB, MIB, DecompressionLimits.DEFAULT);
    return (System.nanoTime() - start) / 1e6;
  }

  private static long plainBytes(RecordBatch batch) {
    long bytes = 0;
    try (var records = batch.records(DecompressionLimits.DEFAULT)) {
      while (records.next()) {
        bytes += records.payloadSize();
      }
    }
    return bytes;
  }

  private static String name(Compression codec) {
    return codec.toString().toLowerCase(Locale.ROOT);
  }
}
