package dev.weir.client;

import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.GroupOffset;
import dev.weir.core.protocol.GroupPartition;
import org.jspecify.annotations.Nullable;

/** A partition a member owns: what is acknowledged, what is stored. In the subscription's loop. */
final class GroupLane {
  private final PartitionTarget target;
  private final GroupPartition key;
  private final PartitionAcks acks;
  private StartingPosition start;
  private @Nullable GroupOffset stored;
  private @Nullable GroupOffset last; // to be stored when the drain is over its deadline
  private @Nullable CommitWatcher watcher;
  private boolean draining;
  private boolean overdue;
  private @Nullable WeirException refusal;
  private long settledBefore;

  /**
   * @param stored what the coordinator has; null: nothing
   */
  GroupLane(
      PartitionTarget target,
      GroupPartition key,
      PartitionAcks acks,
      StartingPosition start,
      @Nullable GroupOffset stored) {
    this.target = target;
    this.key = key;
    this.acks = acks;
    this.start = start;
    this.stored = stored;
  }

  PartitionTarget target() {
    return target;
  }

  GroupPartition key() {
    return key;
  }

  PartitionAcks acks() {
    return acks;
  }

  /** Where reading begins. */
  StartingPosition start() {
    return start;
  }

  /** Has what was delivered forgotten. */
  void restartAt(StartingPosition position) {
    start = position;
    acks.restartAt(position instanceof StartingPosition.AtOffset at ? at.offset() : -1);
  }

  /** Who wants to hear of commits. */
  void watchedBy(CommitWatcher reader) {
    watcher = reader;
  }

  boolean isWatched() {
    return watcher != null;
  }

  /** What is to be stored now; null: nothing, or it is stored. */
  @Nullable GroupOffset unstored() {
    GroupOffset now = last != null ? last : acks.committable();
    GroupOffset before = stored;
    boolean same =
        now == null
            || refusal != null
            || (before != null
                && before.getOffset() == now.getOffset()
                && before.getAcknowledgedList().equals(now.getAcknowledgedList()));
    return same ? null : now;
  }

  void onStored(GroupOffset offset) {
    stored = offset;
    if (watcher != null) {
      watcher.onCommitted(offset.getOffset());
    }
  }

  /** The coordinator takes no offset of this partition from this member any more. */
  void onRefused(WeirException reason) {
    refusal = reason;
  }

  @Nullable WeirException refusal() {
    return refusal;
  }

  /** The committed offset; −1 for none. */
  long committed() {
    return stored == null ? -1 : stored.getOffset();
  }

  boolean isDraining() {
    return draining;
  }

  void drain() {
    draining = true;
    acks.drain();
  }

  /** No more is waited for: what is acknowledged by now is what will be stored. */
  void endDrain() {
    if (last == null) {
      last = acks.committable();
    }
    overdue = true;
  }

  /** Whether records are still to be waited for. */
  boolean isInHand() {
    return !overdue && !acks.isSettled();
  }

  /** Records that have left the gap since the last commit. */
  long newlySettled() {
    return acks.settledRecords() - settledBefore;
  }

  void onCommitBegun() {
    settledBefore = acks.settledRecords();
  }

  PartitionProgress progress() {
    int gap = acks.gapRecords();
    return new PartitionProgress(
        target.name(),
        acks.position(),
        committed(),
        gap,
        acks.gapBytes(),
        acks.isWaiting() && gap > 0,
        draining);
  }
}
