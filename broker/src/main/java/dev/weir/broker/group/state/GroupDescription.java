package dev.weir.broker.group.state;

import dev.weir.core.protocol.DescribeGroupResponse;
import dev.weir.core.protocol.GroupLag;
import dev.weir.core.protocol.MemberInfo;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A group for people. */
final class GroupDescription {
  private static final int NOT_KNOWN = -1;

  private GroupDescription() {}

  static String state(Group group) {
    if (group.members().isEmpty()) {
      return "Empty";
    }
    return group.isDraining() ? "Assigning" : "Stable";
  }

  static DescribeGroupResponse.Builder of(Group group, Shard shard) {
    String assignor = group.facts().assignor();
    DescribeGroupResponse.Builder answer =
        DescribeGroupResponse.newBuilder()
            .setGroup(group.name())
            .setState(state(group))
            .setGroupEpoch(group.facts().epoch())
            .setAssignor(assignor.isEmpty() ? Assignor.DEFAULT : assignor);
    for (Map.Entry<String, MemberFacts> member : group.members().entrySet()) {
      Session session = shard.sessions.of(group.name(), member.getKey());
      answer.addMembers(
          MemberInfo.newBuilder()
              .setMemberId(member.getKey())
              .setInstanceId(member.getValue().instanceId())
              .setClientId(member.getValue().clientId())
              .setRemoteAddress(session == null ? "" : session.address())
              .setMemberEpoch(member.getValue().epoch())
              .addAllTopics(member.getValue().topics()));
    }
    partitions(group, shard).forEach(key -> answer.addPartitions(lag(group, key, shard)));
    return answer;
  }

  /** Assigned or committed, of topics that are there. */
  private static SortedSet<Group.OffsetKey> partitions(Group group, Shard shard) {
    SortedSet<Group.OffsetKey> keys = new TreeSet<>();
    for (PartitionId owned : group.owners().keySet()) {
      TopicsView.@Nullable Topic topic = shard.topics.withId(owned.topic());
      if (topic != null) {
        keys.add(new Group.OffsetKey(topic.name(), owned.partition()));
      }
    }
    group
        .offsets()
        .forEach(
            (key, value) -> {
              if (shard.topics.withId(value.topicId()) != null) {
                keys.add(key);
              }
            });
    return keys;
  }

  private static GroupLag lag(Group group, Group.OffsetKey key, Shard shard) {
    GroupLag.Builder lag =
        GroupLag.newBuilder()
            .setTopic(key.topic())
            .setPartition(key.partition())
            .setCommittedOffset(NOT_KNOWN)
            .setHighWatermark(NOT_KNOWN);
    TopicsView.@Nullable Topic topic = shard.topics.named(key.topic());
    if (topic == null) {
      return lag.build();
    }
    PartitionId partition = new PartitionId(topic.id(), key.partition());
    CommittedOffset committed = group.offset(key.topic(), topic.id(), key.partition());
    if (committed != null) {
      lag.setCommittedOffset(committed.offset())
          .setAcknowledgedAbove(committed.acknowledgedRecords())
          .setMetadata(committed.metadata());
    }
    String owner = group.owner(partition);
    if (owner != null) {
      lag.setMemberId(owner).setDraining(group.require(owner).draining().contains(partition));
    }
    return lag.build();
  }
}
