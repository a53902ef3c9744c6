package dev.weir.storage;

import dev.weir.core.record.Compression;
import dev.weir.core.record.ControlRecordType;
import dev.weir.core.record.DecompressionLimits;
import dev.weir.core.record.EndTransactionMarker;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.RecordBatchBuilder;
import dev.weir.core.record.RecordCursor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Batches whose values say where they come from. */
public final class TestBatches {
  private TestBatches() {}

  /**
   * A batch of no particular producer, one record per value, timestamps rising from the first one.
   */
  public static ByteBuffer batch(long firstTimestamp, String... values) {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 1 << 20);
    fill(builder, firstTimestamp, values);
    return builder.build();
  }

  /** A batch of an idempotent producer. */
  public static ByteBuffer batch(long producerId, int epoch, int baseSequence, String... values) {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 1 << 20);
    fill(builder, 1_000L + baseSequence, values);
    builder.producer(producerId, (short) epoch, baseSequence, false);
    return builder.build();
  }

  /** A batch of a producer's transaction. */
  public static ByteBuffer transactional(
      long producerId, int epoch, int baseSequence, String... values) {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 1 << 20);
    fill(builder, 1_000L + baseSequence, values);
    builder.producer(producerId, (short) epoch, baseSequence, true);
    return builder.build();
  }

  /** What a coordinator appends to end a producer's transaction. */
  public static ByteBuffer marker(
      ControlRecordType type, long producerId, int epoch, int coordinatorEpoch) {
    return new EndTransactionMarker(type, producerId, (short) epoch, coordinatorEpoch)
        .encode(2_000);
  }

  /** The values of all batches in the bytes, in order. */
  public static List<String> values(ByteBuffer batches) {
    List<String> values = new ArrayList<>();
    for (RecordBatch batch : split(batches)) {
      try (RecordCursor records = batch.records(DecompressionLimits.DEFAULT)) {
        while (records.next()) {
          byte[] value = records.valueBytes();
          values.add(value == null ? "" : new String(value, StandardCharsets.UTF_8));
        }
      }
    }
    return values;
  }

  /** The batches in the bytes; fails when they do not end with a whole one. */
  public static List<RecordBatch> split(ByteBuffer batches) {
    List<RecordBatch> split = new ArrayList<>();
    for (int at = batches.position(); at < batches.limit(); ) {
      RecordBatch batch = RecordBatch.at(batches, at);
      split.add(batch);
      at += batch.sizeInBytes();
    }
    return split;
  }

  private static void fill(RecordBatchBuilder builder, long firstTimestamp, String... values) {
    for (int i = 0; i < values.length; i++) {
      builder.append(
          firstTimestamp + i, null, values[i].getBytes(StandardCharsets.UTF_8), List.of());
    }
  }
}
