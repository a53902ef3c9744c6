package dev.weir.broker;

import dev.weir.core.record.Compression;
import dev.weir.core.record.DecompressionLimits;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.RecordBatchBuilder;
import dev.weir.core.record.RecordCursor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Record batches as bytes, made and read back. */
public final class Batches {
  private Batches() {}

  /** One batch without a producer id. */
  public static byte[] of(String... values) {
    return bytes(builder(values));
  }

  /** One batch of an idempotent producer. */
  public static byte[] of(long producerId, int baseSequence, String... values) {
    RecordBatchBuilder builder = builder(values);
    builder.producer(producerId, (short) 0, baseSequence, false);
    return bytes(builder);
  }

  /** One batch of one record with a key, written now. */
  public static byte[] keyed(String key, @Nullable String value) {
    return bytes(keyedBuilder(key, value));
  }

  private static RecordBatchBuilder keyedBuilder(String key, @Nullable String value) {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 1 << 20);
    builder.append(
        System.currentTimeMillis(),
        key.getBytes(StandardCharsets.UTF_8),
        value == null ? null : value.getBytes(StandardCharsets.UTF_8),
        List.of());
    return builder;
  }

  /** The same of an idempotent producer. */
  public static byte[] keyed(long producerId, int sequence, String key, @Nullable String value) {
    RecordBatchBuilder builder = keyedBuilder(key, value);
    builder.producer(producerId, (short) 0, sequence, false);
    return bytes(builder);
  }

  /** The values of every record in whole batches. */
  public static List<String> values(ByteBuffer batches) {
    List<String> values = new ArrayList<>();
    int position = batches.position();
    while (position < batches.limit()) {
      RecordBatch batch = RecordBatch.at(batches, position);
      try (RecordCursor records = batch.records(DecompressionLimits.DEFAULT)) {
        while (records.next()) {
          values.add(new String(records.valueBytes(), StandardCharsets.UTF_8));
        }
      }
      position += batch.sizeInBytes();
    }
    return values;
  }

  private static RecordBatchBuilder builder(String... values) {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 1 << 20);
    for (String value : values) {
      if (!builder.append(1000, null, value.getBytes(StandardCharsets.UTF_8), List.of())) {
        throw new IllegalArgumentException("too much for one batch");
      }
    }
    return builder;
  }

  private static byte[] bytes(RecordBatchBuilder builder) {
    ByteBuffer batch = builder.build();
    byte[] bytes = new byte[batch.remaining()];
    batch.get(bytes);
    return bytes;
  }
}
