package dev.weir.broker.group;

import dev.weir.broker.group.state.Effect;
import java.util.concurrent.atomic.LongAdder;

/** What becomes of groups here. Any thread. */
public final class GroupCounters {
  private final LongAdder groups = new LongAdder();
  private final LongAdder members = new LongAdder();
  private final LongAdder rebalances = new LongAdder();
  private final LongAdder commits = new LongAdder();
  private final LongAdder refusedCommits = new LongAdder();

  void onSize(long moreGroups, long moreMembers) {
    groups.add(moreGroups);
    members.add(moreMembers);
  }

  void onRebalance() {
    rebalances.increment();
  }

  /** Partitions whose offsets were not stored, as a member is told. */
  static int errors(Effect effect) {
    return effect instanceof Effect.Send send ? send.event().getCommitted().getErrorsCount() : 0;
  }

  /** Offsets of so many partitions were to be stored. */
  void onCommit(int partitions, int refused) {
    commits.add((long) partitions - refused);
    refusedCommits.add(refused);
  }

  /** Groups whose coordinator is here. */
  public long groups() {
    return groups.sum();
  }

  public long members() {
    return members.sum();
  }

  /** Steps in which partitions were handed over or ordered back. */
  public long rebalances() {
    return rebalances.sum();
  }

  /** Offsets stored. */
  public long commits() {
    return commits.sum();
  }

  public long refusedCommits() {
    return refusedCommits.sum();
  }
}
