package dev.weir.client;

import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.AssignedPartition;
import dev.weir.core.protocol.GroupPartition;
import dev.weir.core.protocol.PartitionError;
import java.time.Duration;
import java.util.List;

/** What happens to a group's member; called in the membership's loop, in order. */
interface MemberListener {
  /**
   * The member has joined, for the first time or again.
   *
   * @param added partitions that are its own from now on
   * @param lost partitions that are its own no more; of the others nothing changes
   */
  void onJoined(List<AssignedPartition> added, List<GroupPartition> lost);

  void onAssigned(List<AssignedPartition> partitions);

  /** Partitions are to be drained; may come again. */
  void onRevoke(List<GroupPartition> partitions, Duration deadline);

  void onCommitted(long correlationId, List<PartitionError> errors);

  /** The coordinator is out of reach; commits without an answer stay so. */
  void onDisconnected();

  /** Everything the member owned is lost; it joins anew. */
  void onLost();

  /** The member has left, or as good as. Last. */
  void onLeft();

  /** The membership is over for this reason. Last. */
  void onFailed(WeirException reason);
}
