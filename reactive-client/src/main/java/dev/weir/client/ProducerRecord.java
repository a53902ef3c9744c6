package dev.weir.client;

import dev.weir.core.record.RecordHeader;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One record to send.
 *
 * @param topic an existing topic
 * @param partition {@link #ANY_PARTITION}, or the partition's number
 * @param timestamp {@link #NOW}, or milliseconds since 1970
 * @param key may be null; records with equal keys go to one partition
 * @param value may be null, which is a tombstone
 * @param headers in order; names may repeat
 * @param correlation comes back in the record's {@link SendResult}; never sent
 */
public record ProducerRecord<K, V, C>(
    String topic,
    int partition,
    long timestamp,
    @Nullable K key,
    @Nullable V value,
    List<RecordHeader> headers,
    @Nullable C correlation) {
  /** The key's hash decides; without a key partitions take turns, about a batch each. */
  public static final int ANY_PARTITION = -1;

  /** The time at which the producer takes the record. */
  public static final long NOW = -1;

  public ProducerRecord {
    Objects.requireNonNull(topic, "topic");
    Objects.requireNonNull(headers, "headers");
    if (partition < ANY_PARTITION) {
      throw new IllegalArgumentException("a partition number is not negative: " + partition);
    }
    if (timestamp < NOW) {
      throw new IllegalArgumentException("a timestamp is not negative: " + timestamp);
    }
  }

  /** A record without key and correlation. */
  public static <K, V, C> ProducerRecord<K, V, C> of(String topic, @Nullable V value) {
    return of(topic, null, value, null);
  }

  /** A record without correlation. */
  public static <K, V, C> ProducerRecord<K, V, C> of(
      String topic, @Nullable K key, @Nullable V value) {
    return of(topic, key, value, null);
  }

  public static <K, V, C> ProducerRecord<K, V, C> of(
      String topic, @Nullable K key, @Nullable V value, @Nullable C correlation) {
    return new ProducerRecord<>(topic, ANY_PARTITION, NOW, key, value, List.of(), correlation);
  }

  public ProducerRecord<K, V, C> withPartition(int number) {
    return new ProducerRecord<>(topic, number, timestamp, key, value, headers, correlation);
  }

  public ProducerRecord<K, V, C> withTimestamp(long millis) {
    return new ProducerRecord<>(topic, partition, millis, key, value, headers, correlation);
  }

  public ProducerRecord<K, V, C> withHeaders(List<RecordHeader> list) {
    return new ProducerRecord<>(
        topic, partition, timestamp, key, value, List.copyOf(list), correlation);
  }
}
