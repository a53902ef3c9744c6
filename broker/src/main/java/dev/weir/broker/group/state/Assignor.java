package dev.weir.broker.group.state;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/** Who should own which partition. A function of its arguments: the same ones give the same. */
interface Assignor {
  SortedMap<String, Assignor> BY_NAME =
      new TreeMap<>(Map.of("uniform", new UniformAssignor(), "range", new RangeAssignor()));

  String DEFAULT = "uniform";

  /**
   * A member that wants partitions.
   *
   * @param order members of the same wishes are served in this order
   * @param topics subscribed, whether they exist or not
   * @param owned what it has and can keep
   */
  record Candidate(String id, String order, SortedSet<String> topics, Set<PartitionId> owned) {}

  /** An owner for each partition of the topics that somebody subscribes to. */
  Map<PartitionId, String> assign(List<Candidate> candidates, TopicsView topics);

  /** INVALID_REQUEST for a name that is not known; empty is the default. */
  static Assignor named(String name) {
    Assignor assignor = BY_NAME.get(name.isEmpty() ? DEFAULT : name);
    if (assignor == null) {
      throw new WeirException(
          ErrorCode.INVALID_REQUEST,
          "there is no assignor '%s'; there are %s".formatted(name, BY_NAME.keySet()));
    }
    return assignor;
  }
}
