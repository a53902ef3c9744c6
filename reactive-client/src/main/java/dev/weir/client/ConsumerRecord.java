package dev.weir.client;

import dev.weir.core.record.RecordHeader;
import dev.weir.core.record.TimestampType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One record as it was read.
 *
 * @param timestamp milliseconds since 1970, -1 for none
 * @param timestampType whose clock that was
 * @param key null when the record has none
 * @param value null in a tombstone
 */
public record ConsumerRecord<K, V>(
    String topic,
    int partition,
    long offset,
    long timestamp,
    TimestampType timestampType,
    @Nullable K key,
    @Nullable V value,
    List<RecordHeader> headers) {}
