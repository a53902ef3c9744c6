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

  private Events() {}

  static Effect assigned(
      long channel, Group group, Collection<PartitionId> partitions, TopicsView topics) {
    return new Effect.Send(
        channel,
        GroupEvent.newBuilder()
            .setAssigned(
                GroupAssigned.newBuilder().addAllPartitions(describe(group, partitions, topics)))
            .build());
  }

  static Effect revoke(long channel, Collection<PartitionId> partitions, int deadlineMillis) {
    GroupRevoke.Builder revoke = GroupRevoke.newBuilder().setDeadlineMs(deadlineMillis);
    partitions.forEach(partition -> revoke.addPartitions(partition.message()));
    return new Effect.Send(channel, GroupEvent.newBuilder().setRevoke(revoke).build());
  }

  /** With what is committed; partitions of topics that are gone have no name. */
  static List<AssignedPartition> describe(
      Group group, Collection<PartitionId> partitions, TopicsView topics) {
    List<AssignedPartition> described = new ArrayList<>(partitions.size());
    for (PartitionId partition : partitions) {
      TopicsView.Topic topic = topics.withId(partition.topic());
      String name = topic == null ? "" : topic.name();
      described.add(
          AssignedPartition.newBuilder()
              .setTopic(name)
              .setCommitted(
                  offset(partition, group.offset(name, partition.topic(), partition.partition())))
              .build());
    }
    return described;
  }

  static GroupOffset offset(PartitionId partition, @Nullable CommittedOffset committed) {
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
    return offset.build();
  }
}
