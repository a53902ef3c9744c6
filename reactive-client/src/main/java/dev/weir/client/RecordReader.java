package dev.weir.client;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.record.DecompressionLimits;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.RecordCursor;
import dev.weir.core.record.TimestampType;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Records, batch by batch, each checked against its CRC first. */
final class RecordReader<K, V> implements FrameReader<ConsumerRecord<K, V>> {
  private final BatchReader batches = new BatchReader();
  private final Deserializer<K> keys;
  private final Deserializer<V> values;
  private PartitionTarget partition = PartitionTarget.NONE;
  private TimestampType timestampType = TimestampType.CREATE_TIME;
  private @Nullable RecordCursor cursor;
  private long fromOffset;
  private long endExclusive;

  RecordReader(Deserializer<K> keys, Deserializer<V> values) {
    this.keys = keys;
    this.values = values;
  }

  @Override
  public void open(PartitionTarget source, Frame frame, long end) {
    closeCursor();
    batches.open(source, frame, end);
    partition = source;
    fromOffset = frame.fromOffset();
    endExclusive = end;
  }

  @Override
  public @Nullable ConsumerRecord<K, V> next() {
    while (true) {
      RecordCursor records = cursor;
      if (records == null) {
        records = nextCursor();
        if (records == null) {
          return null;
        }
      }
      while (records.next()) {
        long offset = records.offset();
        if (offset >= endExclusive) {
          break;
        }
        if (offset >= fromOffset) {
          return record(records, offset);
        }
      }
      closeCursor();
    }
  }

  @Override
  public void close() {
    closeCursor();
    batches.close();
  }

  private @Nullable RecordCursor nextCursor() {
    RecordBatch batch = batches.nextBatch();
    if (batch == null) {
      return null;
    }
    if (!batch.crcMatches()) {
      throw new WeirException(
          ErrorCode.CORRUPT_BATCH, partition + ": the CRC does not match of the " + batch);
    }
    timestampType = batch.timestampType();
    RecordCursor records = batch.records(DecompressionLimits.DEFAULT);
    cursor = records;
    return records;
  }

  private ConsumerRecord<K, V> record(RecordCursor record, long offset) {
    String topic = partition.topic();
    return new ConsumerRecord<>(
        topic,
        partition.partition(),
        offset,
        record.timestamp(),
        timestampType,
        record.keySize() < 0 ? null : deserialize(keys, topic, record, true),
        record.valueSize() < 0 ? null : deserialize(values, topic, record, false),
        record.headers());
  }

  @SuppressWarnings("unchecked") // toBytes() is a Deserializer<byte[]>, so T is byte[]
  private static <T> @Nullable T deserialize(
      Deserializer<T> deserializer, String topic, RecordCursor record, boolean key) {
    if (deserializer == Serializers.toBytes()) {
      return (T) (key ? record.keyBytes() : record.valueBytes()); // saves a view per record
    }
    ByteBuffer bytes = key ? record.key() : record.value();
    return bytes == null ? null : deserializer.deserialize(topic, bytes);
  }

  private void closeCursor() {
    if (cursor != null) {
      cursor.close();
      cursor = null;
    }
  }
}
