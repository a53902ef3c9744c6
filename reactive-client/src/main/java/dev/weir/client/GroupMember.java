package dev.weir.client;

import dev.weir.core.protocol.GroupOffset;
import dev.weir.core.protocol.GroupPartition;
import java.time.Duration;
import java.util.List;

/** What a subscription has its membership do. Any thread; {@link MemberListener} tells the rest. */
interface GroupMember {
  /** Joins the group. Once. */
  void start();

  /** Has offsets stored if the member is joined; the answer comes with the same id, or never. */
  void commit(long correlationId, List<GroupOffset> offsets);

  /** Gives partitions up. */
  void drained(List<GroupPartition> partitions);

  /** Leaves; {@link MemberListener#onLeft} follows within the deadline. */
  void leave(Duration deadline);
}
