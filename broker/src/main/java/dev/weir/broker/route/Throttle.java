package dev.weir.broker.route;

/** Why a producer is asked for less than it might be. */
public enum Throttle {
  NONE,
  /** Half the memory for batches that wait for their partitions is used. */
  MEMORY,
  /** Half of what may wait for a partition's disk, or its replicas, waits. */
  FLUSH,
  /** The producer does not read its results. */
  RESULTS
}
