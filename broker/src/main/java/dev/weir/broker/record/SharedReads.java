package dev.weir.broker.record;

import dev.weir.broker.partition.HostedPartition;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/**
 * What all record-level subscriptions of a broker share: the bound of their memory, the threads
 * that read, and for each partition that has subscribers its reads. Any thread, except where it
 * says so.
 */
final class SharedReads {
  private final Executor readExecutor;
  private final PieceBudget budget;
  private final Map<HostedPartition, PartitionReads> byPartition = new ConcurrentHashMap<>();

  /**
   * @param readExecutor runs what touches the disk ({@code weir-read-n})
   */
  SharedReads(Executor readExecutor, long budgetBytes) {
    this.readExecutor = readExecutor;
    this.budget = new PieceBudget(budgetBytes);
  }

  Executor readExecutor() {
    return readExecutor;
  }

  PieceBudget budget() {
    return budget;
  }

  /** In the partition's loop: one more subscription reads it. */
  PartitionReads enter(HostedPartition partition) {
    PartitionReads reads =
        byPartition.computeIfAbsent(partition, absent -> new PartitionReads(readExecutor, budget));
    reads.enter();
    return reads;
  }

  /** In the partition's loop. */
  void leave(HostedPartition partition, PartitionReads reads) {
    if (reads.leave()) {
      byPartition.remove(partition);
    }
  }
}
