package dev.weir.client;

import dev.weir.core.protocol.AssignedPartition;
import dev.weir.core.protocol.GroupOffset;
import dev.weir.core.protocol.GroupPartition;
import dev.weir.core.topic.TopicPartition;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The partitions a member owns, those being drained included. In the subscription's loop. */
final class GroupLanes {
  private final GroupSubscription subscription;
  private final Consumer<GroupLane> wake;
  private final Map<GroupPartition, GroupLane> lanes = new LinkedHashMap<>();

  /**
   * @param wake called by any thread when an acknowledgement was waited for
   */
  GroupLanes(GroupSubscription subscription, Consumer<GroupLane> wake) {
    this.subscription = subscription;
    this.wake = wake;
  }

  /** A partition is the member's: it goes on where the group is. */
  GroupLane add(AssignedPartition partition) {
    GroupOffset committed = partition.getCommitted();
    boolean known = committed.getOffset() >= 0;
    PartitionTarget target =
        new PartitionTarget(partition.getTopic(), committed.getTopicId(), committed.getPartition());
    GroupLane[] self = new GroupLane[1];
    PartitionAcks acks =
        new PartitionAcks(
            target,
            subscription.commits(),
            known ? committed.getOffset() : PartitionAcks.UNKNOWN,
            new OffsetRanges(committed.getAcknowledgedList()),
            () -> wake.accept(self[0]));
    GroupLane lane =
        new GroupLane(
            target,
            keyOf(target),
            acks,
            known ? StartingPosition.offset(committed.getOffset()) : subscription.from(),
            known ? committed : null);
    self[0] = lane;
    lanes.put(lane.key(), lane);
    return lane;
  }

  @Nullable GroupLane get(GroupPartition key) {
    return lanes.get(key);
  }

  @Nullable GroupLane of(PartitionTarget target) {
    return lanes.get(keyOf(target));
  }

  @Nullable GroupLane of(TopicPartition name) {
    for (GroupLane lane : lanes.values()) {
      if (lane.target().isOf(name)) {
        return lane;
      }
    }
    return null;
  }

  @Nullable GroupLane remove(GroupPartition key) {
    return lanes.remove(key);
  }

  int size() {
    return lanes.size();
  }

  List<GroupPartition> keys() {
    return List.copyOf(lanes.keySet());
  }

  /** Live. */
  Collection<GroupLane> values() {
    return lanes.values();
  }

  private static GroupPartition keyOf(PartitionTarget target) {
    return GroupPartition.newBuilder()
        .setTopicId(target.topicId())
        .setPartition(target.partition())
        .build();
  }
}
