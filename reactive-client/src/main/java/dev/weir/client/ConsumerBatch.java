package dev.weir.client;

import dev.weir.core.record.RecordBatch;

/**
 * One record batch as it lies in the log, for readers that do without records one by one. The bytes
 * are on the heap and belong to the receiver.
 *
 * @param firstOffset the first offset wanted: the batch may begin below it, those records are to be
 *     skipped
 */
public record ConsumerBatch(String topic, int partition, long firstOffset, RecordBatch batch) {}
