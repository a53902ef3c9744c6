package dev.weir.broker.group.state;

import java.util.Collection;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What is durable of a member.
 *
 * @param instanceId of a static member; empty: dynamic
 * @param epoch of its last join
 * @param baseEpoch the one it has certainly received; it may come back with either
 * @param owned partitions that nobody else may read, those that drain among them
 * @param draining those of {@code owned} that it was told to give up
 */
public record MemberFacts(
    String instanceId,
    int epoch,
    int baseEpoch,
    SortedSet<String> topics,
    int sessionTimeoutMillis,
    int drainTimeoutMillis,
    String clientId,
    SortedSet<PartitionId> owned,
    SortedSet<PartitionId> draining) {
  public MemberFacts {
    topics = Collections.unmodifiableSortedSet(new TreeSet<>(topics));
    owned = Collections.unmodifiableSortedSet(new TreeSet<>(owned));
    draining = Collections.unmodifiableSortedSet(new TreeSet<>(draining));
    if (!owned.containsAll(draining)) {
      throw new IllegalArgumentException("only what is owned can drain");
    }
  }

  /** What it keeps as far as anybody knows. */
  SortedSet<PartitionId> firm() {
    SortedSet<PartitionId> firm = new TreeSet<>(owned);
    firm.removeAll(draining);
    return firm;
  }

  MemberFacts withTopics(Collection<String> changed) {
    return with(new TreeSet<>(changed), owned, draining);
  }

  MemberFacts with(Collection<PartitionId> newOwned, Collection<PartitionId> newDraining) {
    return with(topics, newOwned, newDraining);
  }

  /** The same without these partitions. */
  MemberFacts without(Collection<PartitionId> given) {
    SortedSet<PartitionId> rest = new TreeSet<>(owned);
    rest.removeAll(given);
    SortedSet<PartitionId> restDraining = new TreeSet<>(draining);
    restDraining.removeAll(given);
    return with(topics, rest, restDraining);
  }

  private MemberFacts with(
      SortedSet<String> newTopics,
      Collection<PartitionId> newOwned,
      Collection<PartitionId> newDraining) {
    return new MemberFacts(
        instanceId,
        epoch,
        baseEpoch,
        newTopics,
        sessionTimeoutMillis,
        drainTimeoutMillis,
        clientId,
        new TreeSet<>(newOwned),
        new TreeSet<>(newDraining));
  }
}
