package dev.weir.client;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.partition.Murmur2;
import dev.weir.core.record.RecordHeader;
import dev.weir.core.record.RecordSizes;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Turns one record after the other into bytes and puts them into the batch of their partition. A
 * record that cannot go there gets its result at once. Called under the lock of its {@link
 * SendIntake}.
 */
final class RecordAppender<K, V, C> {
  private static final int NO_PARTITION = -1;

  private final ProducerParts<K, V> parts;
  private final SendResults<C> results;

  RecordAppender(ProducerParts<K, V> parts, SendResults<C> results) {
    this.parts = parts;
    this.results = results;
  }

  void append(TopicSlot slot, ProducerRecord<K, V, C> record) {
    try {
      serialize(slot, record);
    } catch (RuntimeException e) { // a publisher must never see what is wrong with its record
      fail(record, NO_PARTITION, notSerializable(record, e));
    }
  }

  private void serialize(TopicSlot slot, ProducerRecord<K, V, C> record) {
    requireHeaderKeys(record.headers());
    byte[] key = bytesOf(parts.settings().keySerializer(), record.topic(), record.key());
    byte[] value = bytesOf(parts.settings().valueSerializer(), record.topic(), record.value());
    long bytes = RecordSizes.payload(key, value, record.headers());
    int partition = record.partition();
    if (bytes > parts.settings().maxRecordBytes()) {
      fail(record, partition, tooLarge(record, bytes));
    } else if (partition >= slot.layout().partitionCount()) {
      fail(record, partition, PartitionLookup.unknownPartition(slot.layout(), partition));
    } else {
      append(slot, record, key, value);
    }
  }

  /** The record gets a result with this error. */
  void fail(ProducerRecord<K, V, C> record, WeirException reason) {
    fail(record, NO_PARTITION, reason);
  }

  private void append(
      TopicSlot slot,
      ProducerRecord<K, V, C> record,
      byte @Nullable [] key,
      byte @Nullable [] value) {
    long timestamp =
        record.timestamp() == ProducerRecord.NOW ? parts.time().wallMillis() : record.timestamp();
    int partition = record.partition();
    if (partition == ProducerRecord.ANY_PARTITION) {
      if (key == null) {
        slot.appendAnywhere(results, timestamp, value, record.headers(), record.correlation());
        return;
      }
      partition = Murmur2.partitionOf(key, slot.layout().partitionCount());
    }
    slot.append(partition, results, timestamp, key, value, record.headers(), record.correlation());
  }

  private void fail(ProducerRecord<K, V, C> record, int partition, WeirException reason) {
    results.onFailed(
        new SendResult<>(
            record.topic(), partition, SendResult.UNKNOWN_OFFSET, record.correlation(), reason));
  }

  private static <T> byte @Nullable [] bytesOf(
      Serializer<T> serializer, String topic, @Nullable T value) {
    return value == null ? null : serializer.serialize(topic, value);
  }

  /** Callers need not be checked for null. */
  private static void requireHeaderKeys(List<RecordHeader> headers) {
    for (RecordHeader header : headers) {
      Objects.requireNonNull(header.key(), "a header has no key");
    }
  }

  private static WeirException notSerializable(ProducerRecord<?, ?, ?> record, Throwable cause) {
    return new WeirException(
        ErrorCode.INVALID_REQUEST,
        "a record for topic '" + record.topic() + "' cannot be serialized: " + cause,
        cause);
  }

  private WeirException tooLarge(ProducerRecord<K, V, C> record, long bytes) {
    return new WeirException(
        ErrorCode.RECORD_TOO_LARGE,
        "a record for topic '"
            + record.topic()
            + "' has "
            + bytes
            + " bytes, more than the limit of "
            + parts.settings().maxRecordBytes());
  }
}
