package dev.weir.replication;

import java.time.Duration;

/**
 * What a replica needs to know beyond its log's settings.
 *
 * @param minInSyncReplicas acks=all is refused while fewer replicas are in sync ({@code
 *     min.insync.replicas})
 * @param flushInterval durability=replicated: written bytes are flushed at the latest after this.
 *     Small: more fsync; large: a power cut of all replicas loses more
 * @param flushBytes durability=replicated: as many unflushed bytes start a flush at once
 * @param flushMessages durability=replicated: as many unflushed records start a flush at once
 *     ({@code flush.messages}). Small: more fsync; large: the other two decide
 * @param maxPendingBytes batches that wait for acknowledgement on this partition; beyond it appends
 *     are refused OVERLOADED
 */
public record ReplicaSettings(
    int minInSyncReplicas,
    Duration flushInterval,
    long flushBytes,
    long flushMessages,
    long maxPendingBytes) {

  public static final ReplicaSettings DEFAULTS =
      new ReplicaSettings(1, Duration.ofSeconds(1), 32L << 20, Long.MAX_VALUE, 64L << 20);

  public ReplicaSettings withMinInSyncReplicas(int replicas) {
    return new ReplicaSettings(replicas, flushInterval, flushBytes, flushMessages, maxPendingBytes);
  }
}
