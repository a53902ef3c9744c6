package dev.weir.client;

import dev.weir.core.record.RecordHeader;
import dev.weir.core.record.TimestampType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One record a group's member has received, to be acknowledged when it is processed. */
public final class ReceiverRecord<K, V> {
  private final AckChunk chunk;
  private final int slot;
  private final long offset;
  private final long timestamp;
  private final TimestampType timestampType;
  private final @Nullable K key;
  private final @Nullable V value;
  private final List<RecordHeader> headers;

  ReceiverRecord(
      AckChunk chunk,
      int slot,
      long offset,
      long timestamp,
      TimestampType timestampType,
      @Nullable K key,
      @Nullable V value,
      List<RecordHeader> headers) {
    this.chunk = chunk;
    this.slot = slot;
    this.offset = offset;
    this.timestamp = timestamp;
    this.timestampType = timestampType;
    this.key = key;
    this.value = value;
    this.headers = headers;
  }

  /**
   * The record is processed and need not come again. Any thread, in any order; again means nothing.
   * It is a note only: the next commit takes it along. After the partition was taken away or the
   * subscription ended it has no effect.
   */
  public void acknowledge() {
    chunk.acknowledge(slot);
  }

  public String topic() {
    return chunk.acks().partition().topic();
  }

  public int partition() {
    return chunk.acks().partition().partition();
  }

  public long offset() {
    return offset;
  }

  /** Milliseconds since 1970, −1 for none. */
  public long timestamp() {
    return timestamp;
  }

  /** Whose clock the timestamp is of. */
  public TimestampType timestampType() {
    return timestampType;
  }

  /** Null when the record has none. */
  public @Nullable K key() {
    return key;
  }

  /** Null in a tombstone. */
  public @Nullable V value() {
    return value;
  }

  public List<RecordHeader> headers() {
    return headers;
  }

  /** The record alone. */
  public ConsumerRecord<K, V> toConsumerRecord() {
    return new ConsumerRecord<>(
        topic(), partition(), offset, timestamp, timestampType, key, value, headers);
  }

  PartitionAcks acks() {
    return chunk.acks();
  }

  /** The record was never handed out, and those delivered after it were not either. */
  void takeBack() {
    chunk.acks().takeBack(chunk, slot);
  }

  @Override
  public String toString() {
    return topic() + "-" + partition() + "@" + offset;
  }
}
