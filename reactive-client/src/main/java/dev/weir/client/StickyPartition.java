package dev.weir.client;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Which partition records without a key go to: one until about a batch is full, then the next, so
 * that batches are large and all partitions get the same bytes (the idea of KIP-794). Starts
 * anywhere, so that many producers do not move in step. Any thread.
 */
final class StickyPartition {
  private final int partitionCount;
  private final int stickyBytes;
  private int partition; // guarded by this
  private int bytes; // guarded by this

  StickyPartition(int partitionCount, int stickyBytes) {
    this.partitionCount = partitionCount;
    this.stickyBytes = stickyBytes;
    this.partition = ThreadLocalRandom.current().nextInt(partitionCount);
  }

  /** Where a record of this size goes; moves on when the partition has had its share. */
  synchronized int next(int recordBytes) {
    if (bytes >= stickyBytes) {
      moveOn();
    }
    bytes += recordBytes;
    return partition;
  }

  /** The batch of that partition is full before its share is: where the record goes instead. */
  synchronized int after(int fullPartition, int recordBytes) {
    if (partition == fullPartition) {
      moveOn();
      bytes = recordBytes;
    }
    return partition;
  }

  private void moveOn() {
    partition = (partition + 1) % partitionCount;
    bytes = 0;
  }
}
