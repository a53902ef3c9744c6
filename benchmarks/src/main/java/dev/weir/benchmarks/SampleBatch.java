package dev.weir.benchmarks;

import dev.weir.core.record.Compression;
import dev.weir.core.record.RecordBatchBuilder;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;

/**
 * An uncompressed batch in direct memory, as one arrives from the network.
 *
 * @param bytes read-only, from position 0 to the limit
 */
record SampleBatch(ByteBuffer bytes, int records) {
  private static final long TIMESTAMP = 1_700_000_000_000L;

  /** As many records with values of so many bytes as fit into about {@code batchBytes}. */
  static SampleBatch of(int batchBytes, int valueBytes) {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, batchBytes);
    byte[] value = new byte[valueBytes];
    new Random(1).nextBytes(value);
    int records = 0;
    while (builder.append(TIMESTAMP + records / 10, null, value, List.of())) {
      records++;
    }
    ByteBuffer built = builder.build();
    ByteBuffer direct = ByteBuffer.allocateDirect(built.remaining()).put(built).flip();
    return new SampleBatch(direct.asReadOnlyBuffer(), records);
  }

  int size() {
    return bytes.limit();
  }
}
