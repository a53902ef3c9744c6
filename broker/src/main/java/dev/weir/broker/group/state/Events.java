package dev.weir.broker.group.state;

import dev.weir.core.protocol.AssignedPartition;
import dev.weir.core.protocol.GroupAssigned;
import dev.weir.core.protocol.GroupEvent;
import dev.weir.core.protocol.GroupOffset;
import dev.weir.core.protocol.GroupRevoke;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Events as messages. */
final class Events {
  private static final int NOTHING_COMMITTED = -1;

  private static final int EVENT_BYTES = 64 << 10;
  private static final int REVOKED_PARTITIONS = 2000;

  private static final int BYTES_PER_RANGE = 12;

  /** So many bytes of ranges are told at once; without them some records are processed again. */
  private static final int RANGE_BYTES = 2 << 20;

  private Events() {}

  /** In as many events as keep each within the smallest frame. */
  static List<Effect> assigned(
      long channel, Group group, Collection<PartitionId> partitions, TopicsView topics) {
    List<Effect> events = new ArrayList<>();
    GroupAssigned.Builder assigned = GroupAssigned.newBuilder();
    int bytes = 0;
    for (AssignedPartition partition : describe(group, partitions, topics)) {
      if (bytes > 0 && bytes + partition.getSerializedSize() > EVENT_BYTES) {
        events.add(event(channel, assigned));
        assigned = GroupAssigned.newBuilder();
        bytes = 0;
      }
      assigned.addPartitions(partition);
      bytes += partition.getSerializedSize();
    }
    events.add(event(channel, assigned));
    return events;
  }

  private static Effect event(long channel, GroupAssigned.Builder assigned) {
    return new Effect.Send(channel, GroupEvent.newBuilder().setAssigned(assigned).build());
  }

  /** As above. */
  static List<Effect> revoke(long channel, Collection<PartitionId> partitions, int deadlineMillis) {
    List<Effect> events = new ArrayList<>();
    GroupRevoke.Builder revoke = GroupRevoke.newBuilder().setDeadlineMs(deadlineMillis);
    for (PartitionId partition : partitions) {
      if (revoke.getPartitionsCount() == REVOKED_PARTITIONS) {
        events.add(event(channel, revoke));
        revoke.clearPartitions();
      }
      revoke.addPartitions(partition.message());
    }
    events.add(event(channel, revoke));
    return events;
  }

  private static Effect event(long channel, GroupRevoke.Builder revoke) {
    return new Effect.Send(channel, GroupEvent.newBuilder().setRevoke(revoke).build());
  }

  /** With what is committed; partitions of topics that are gone have no name. */
  static List<AssignedPartition> describe(
      Group group, Collection<PartitionId> partitions, TopicsView topics) {
    List<AssignedPartition> described = new ArrayList<>(partitions.size());
    int ranges = 0;
    for (PartitionId partition : partitions) {
      TopicsView.Topic topic = topics.withId(partition.topic());
      String name = topic == null ? "" : topic.name();
      GroupOffset.Builder offset =
          offset(partition, group.offset(name, partition.topic(), partition.partition()));
      ranges += offset.getAcknowledgedCount() * BYTES_PER_RANGE;
      if (ranges > RANGE_BYTES) {
        offset.clearAcknowledged();
      }
      described.add(AssignedPartition.newBuilder().setTopic(name).setCommitted(offset).build());
    }
    return described;
  }

  private static GroupOffset.Builder offset(
      PartitionId partition, @Nullable CommittedOffset committed) {
    GroupOffset.Builder offset =
        GroupOffset.newBuilder()
            .setTopicId(partition.topicBytes())
            .setPartition(partition.partition())
            .setOffset(NOTHING_COMMITTED)
            .setLeaderEpoch(NOTHING_COMMITTED);
    if (committed != null) {
      offset
          .setOffset(committed.offset())
          .setLeaderEpoch(committed.leaderEpoch())
          .setMetadata(committed.metadata())
          .addAllAcknowledged(committed.acknowledged());
    }
    return offset;
  }
}
