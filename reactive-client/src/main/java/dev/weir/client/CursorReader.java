package dev.weir.client;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.record.DecompressionLimits;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.RecordCursor;
import dev.weir.core.record.TimestampType;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Records, batch by batch, each checked against its CRC first.
 *
 * @param <T> what is made of a record
 */
abstract class CursorReader<K, V, T> implements FrameReader<T> {
  private final BatchReader batches = new BatchReader();
  private final Deserializer<K> keys;
  private final Deserializer<V> values;
  private PartitionTarget partition = PartitionTarget.NONE;
  private TimestampType timestampType = TimestampType.CREATE_TIME;
  private @Nullable RecordCursor cursor;
  private long fromOffset;
  private long endExclusive;
  private long nextOffset;

  CursorReader(Deserializer<K> keys, Deserializer<V> values) {
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
    nextOffset = frame.nextOffset();
  }

  @Override
  public @Nullable T next() {
    while (true) {
      RecordCursor records = cursor;
      if (records == null) {
        records = nextCursor();
        if (records == null) {
          onFrameRead(nextOffset);
          return null;
        }
      }
      while (records.next()) {
        long offset = records.offset();
        if (offset >= endExclusive) {
          break;
        }
        if (offset >= fromOffset) {
          T element = element(records, offset);
          if (element != null) {
            return element;
          }
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

  /** What is delivered for a record; null to pass over it. */
  abstract @Nullable T element(RecordCursor record, long offset);

  /** All of a frame has been read. */
  void onFrameRead(long nextFrameOffset) {}

  final PartitionTarget partition() {
    return partition;
  }

  final TimestampType timestampType() {
    return timestampType;
  }

  final @Nullable K key(RecordCursor record) {
    return record.keySize() < 0 ? null : deserialize(keys, partition.topic(), record, true);
  }

  final @Nullable V value(RecordCursor record) {
    return record.valueSize() < 0 ? null : deserialize(values, partition.topic(), record, false);
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

  /** The record at the cursor as applications get it where nothing is acknowledged. */
  final ConsumerRecord<K, V> consumerRecord(RecordCursor record, long offset) {
    PartitionTarget partition = partition();
    return new ConsumerRecord<>(
        partition.topic(),
        partition.partition(),
        offset,
        record.timestamp(),
        timestampType(),
        key(record),
        value(record),
        record.headers());
  }
}
