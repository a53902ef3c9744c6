package dev.weir.replication;

/** A replica at one moment, for people and metrics. */
public record ReplicaStatus(
    long logStartOffset,
    long logEndOffset,
    long flushedOffset,
    long highWatermark,
    long sizeInBytes,
    ReplicaHealth health) {}
