package dev.weir.metadata;

import java.util.List;

/**
 * Who serves a partition.
 *
 * @param leader broker id, or {@link #NO_LEADER}
 * @param leaderEpoch never decreases; an older one is fenced
 * @param inSync the replicas that hold everything below the high watermark
 * @param version what a command that changes this partition must expect
 */
public record PartitionImage(
    int partition,
    int leader,
    int leaderEpoch,
    List<Integer> replicas,
    List<Integer> inSync,
    long version) {

  public static final int NO_LEADER = -1;

  public PartitionImage {
    replicas = List.copyOf(replicas);
    inSync = List.copyOf(inSync);
  }

  PartitionImage ledBy(int newLeader, int newLeaderEpoch) {
    return new PartitionImage(partition, newLeader, newLeaderEpoch, replicas, inSync, version + 1);
  }
}
