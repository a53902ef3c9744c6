package dev.weir.benchmarks;

import dev.weir.core.record.BatchValidator;
import dev.weir.core.record.Compression;
import dev.weir.core.record.DecompressionLimits;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.RecordBatchBuilder;
import dev.weir.core.record.RecordCursor;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Nanoseconds a record to build a batch, to check and to read it, with 43-byte values. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RecordBatchBenchmark {
  private static final int RECORDS = 1_000;
  private static final int VALUE_BYTES = 43;
  private static final int MAX_BATCH_BYTES = 1 << 20;

  @Param({"NONE", "LZ4", "ZSTD"})
  Compression compression = Compression.NONE;

  private final byte[][] values = new byte[RECORDS][VALUE_BYTES];
  private ByteBuffer built = ByteBuffer.allocate(0);

  @Setup
  public void fill() {
    Random random = new Random(1);
    for (byte[] value : values) {
      for (int i = 0; i < value.length; i++) {
        value[i] = (byte) ('a' + random.nextInt(16));
      }
    }
    built = build();
  }

  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public ByteBuffer build() {
    RecordBatchBuilder builder = new RecordBatchBuilder(compression, MAX_BATCH_BYTES);
    for (byte[] value : values) {
      builder.append(1_700_000_000_000L, null, value, List.of());
    }
    return builder.build();
  }

  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public long read() {
    long bytes = 0;
    try (RecordCursor records = RecordBatch.at(built, 0).records(DecompressionLimits.DEFAULT)) {
      while (records.next()) {
        bytes += records.valueSize();
      }
    }
    return bytes;
  }

  /** What a broker checks before it stores a batch, the checksum included. */
  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public RecordBatch validate() {
    RecordBatch batch = RecordBatch.at(built, 0);
    BatchValidator.validate(batch, MAX_BATCH_BYTES, MAX_BATCH_BYTES, DecompressionLimits.DEFAULT);
    return batch;
  }

  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public boolean checksum() {
    return RecordBatch.at(built, 0).crcMatches();
  }
}
