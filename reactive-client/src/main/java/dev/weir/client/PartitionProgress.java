package dev.weir.client;

import dev.weir.core.topic.TopicPartition;

/**
 * How far a running subscription is in one partition.
 *
 * @param position the next offset to be delivered (without a group: where the frame begins that is
 *     being delivered); −1 while it is looked up
 * @param committed the group's committed offset as this member knows it; −1 for none
 * @param unacknowledged records between the oldest that is not acknowledged and the newest
 *     delivered
 * @param unacknowledgedBytes their keys and values
 * @param waiting whether the partition is not read further because of them
 * @param draining whether it is being taken back
 */
public record PartitionProgress(
    TopicPartition partition,
    long position,
    long committed,
    int unacknowledged,
    long unacknowledgedBytes,
    boolean waiting,
    boolean draining) {}
