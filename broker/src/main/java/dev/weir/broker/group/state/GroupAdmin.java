package dev.weir.broker.group.state;

import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.AssignedPartition;
import dev.weir.core.protocol.CommitOffsetsRequestOrBuilder;
import dev.weir.core.protocol.CommitOffsetsResponse;
import dev.weir.core.protocol.DeleteGroupResponse;
import dev.weir.core.protocol.DeleteOffsetsRequestOrBuilder;
import dev.weir.core.protocol.DeleteOffsetsResponse;
import dev.weir.core.protocol.DescribeGroupResponse;
import dev.weir.core.protocol.FetchOffsetsRequestOrBuilder;
import dev.weir.core.protocol.FetchOffsetsResponse;
import dev.weir.core.protocol.GroupListing;
import dev.weir.core.protocol.GroupPartition;
import dev.weir.core.protocol.PartitionError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is asked about groups from outside, and what is changed without being a member. */
public final class GroupAdmin {
  /** Records of one round of expiry. */
  private static final int MOST_EXPIRED = 1000;

  private final Shard shard;
  private final Commits commits;

  GroupAdmin(Shard shard, Commits commits) {
    this.shard = shard;
    this.commits = commits;
  }

  /** GROUP_NOT_EMPTY while the group has members. */
  public Result<CommitOffsetsResponse> commit(CommitOffsetsRequestOrBuilder request) {
    Result<List<PartitionError>> stored = commits.commit(request);
    return Result.of(
        stored.records(), CommitOffsetsResponse.newBuilder().addAllErrors(stored.answer()).build());
  }

  /** Of a group that nobody knows nothing is committed. */
  public Result<FetchOffsetsResponse> fetch(FetchOffsetsRequestOrBuilder request) {
    Limits.requireGroup(request.getGroup());
    Group known = shard.find(request.getGroup());
    Group group = known == null ? new Group(request.getGroup()) : known;
    List<PartitionId> partitions = new ArrayList<>();
    if (request.getPartitionsCount() == 0) {
      group
          .offsets()
          .forEach(
              (key, value) -> {
                if (isCurrent(key, value)) {
                  partitions.add(new PartitionId(value.topicId(), key.partition()));
                }
              });
    }
    for (GroupPartition partition : request.getPartitionsList()) {
      partitions.add(PartitionId.of(partition));
    }
    List<AssignedPartition> offsets = Events.describe(group, partitions, shard.topics);
    return Result.answer(FetchOffsetsResponse.newBuilder().addAllOffsets(offsets).build());
  }

  public Result<List<GroupListing>> list() {
    return Result.answer(
        shard.state.groups().stream()
            .map(
                group ->
                    GroupListing.newBuilder()
                        .setGroup(group.name())
                        .setState(GroupDescription.state(group))
                        .setMembers(group.members().size())
                        .build())
            .toList());
  }

  /** UNKNOWN_GROUP; coordinator and high watermarks are for the caller to fill in. */
  public Result<DescribeGroupResponse.Builder> describe(String name) {
    Limits.requireGroup(name);
    return Result.answer(GroupDescription.of(shard.require(name), shard));
  }

  /** With all its offsets. UNKNOWN_GROUP, GROUP_NOT_EMPTY. */
  public Result<DeleteGroupResponse> delete(String name) {
    Limits.requireGroup(name);
    Group group = shard.require(name);
    if (!group.members().isEmpty()) {
      throw Commits.notEmpty(group);
    }
    List<GroupRecord> records = new ArrayList<>();
    group.offsets().keySet().forEach(key -> records.add(tombstone(group, key)));
    if (group.hasFacts()) {
      records.add(new GroupRecord.OfGroup(name, null));
    }
    return Result.of(records, DeleteGroupResponse.getDefaultInstance());
  }

  /** UNKNOWN_GROUP; GROUP_NOT_EMPTY for partitions of topics that members subscribe to. */
  public Result<DeleteOffsetsResponse> deleteOffsets(DeleteOffsetsRequestOrBuilder request) {
    Limits.requireGroup(request.getGroup());
    Group group = shard.require(request.getGroup());
    List<GroupRecord> records = new ArrayList<>();
    DeleteOffsetsResponse.Builder answer = DeleteOffsetsResponse.newBuilder();
    for (GroupPartition partition : request.getPartitionsList()) {
      try {
        Group.OffsetKey key = deletable(group, PartitionId.of(partition));
        if (key != null) {
          records.add(tombstone(group, key));
        }
      } catch (WeirException e) {
        answer.addErrors(Commits.error(partition.getTopicId(), partition.getPartition(), e));
      }
    }
    return Result.of(records, answer.build());
  }

  private Group.@Nullable OffsetKey deletable(Group group, PartitionId partition) {
    for (Map.Entry<Group.OffsetKey, CommittedOffset> offset : group.offsets().entrySet()) {
      Group.OffsetKey key = offset.getKey();
      if (key.partition() == partition.partition()
          && offset.getValue().topicId().equals(partition.topic())) {
        if (isSubscribed(group, key.topic()) || group.owner(partition) != null) {
          throw Commits.notEmpty(group);
        }
        return key;
      }
    }
    return null;
  }

  /**
   * Some of the offsets that are kept long enough, and of the groups that are left with nothing;
   * ask again until there are no records.
   *
   * @param nowMillis a time that is known not to have jumped ahead
   */
  public Result<Integer> expire(long nowMillis) {
    List<GroupRecord> records = new ArrayList<>();
    for (Group group : shard.state.groups()) {
      if (records.size() >= MOST_EXPIRED) {
        break;
      }
      long oldest = nowMillis - shard.settings.retention().toMillis();
      boolean isKept = !group.members().isEmpty();
      for (Map.Entry<Group.OffsetKey, CommittedOffset> offset : group.offsets().entrySet()) {
        if (isExpired(group, offset.getKey(), offset.getValue(), oldest)
            && records.size() < MOST_EXPIRED) {
          records.add(tombstone(group, offset.getKey()));
        } else {
          isKept = true;
        }
      }
      if (!isKept && group.hasFacts()) {
        records.add(new GroupRecord.OfGroup(group.name(), null));
      }
    }
    return Result.of(records, records.size());
  }

  private boolean isExpired(Group group, Group.OffsetKey key, CommittedOffset offset, long oldest) {
    if (group.members().isEmpty()) {
      return Math.max(offset.commitTimestamp(), group.facts().emptySince()) < oldest;
    }
    return offset.commitTimestamp() < oldest
        && !(isSubscribed(group, key.topic()) && isCurrent(key, offset))
        && group.owner(new PartitionId(offset.topicId(), key.partition())) == null;
  }

  /** Offsets of topics that were there before and are not any more. */
  Result<Done> forgetDeleted(TopicsView before) {
    List<GroupRecord> records = new ArrayList<>();
    for (Group group : shard.state.groups()) {
      group
          .offsets()
          .forEach(
              (key, value) -> {
                if (before.withId(value.topicId()) != null
                    && shard.topics.withId(value.topicId()) == null) {
                  records.add(tombstone(group, key));
                }
              });
    }
    return Result.of(records, Done.DONE);
  }

  private boolean isCurrent(Group.OffsetKey key, CommittedOffset offset) {
    TopicsView.Topic topic = shard.topics.named(key.topic());
    return topic != null && topic.id().equals(offset.topicId());
  }

  private static boolean isSubscribed(Group group, String topic) {
    return group.members().values().stream().anyMatch(member -> member.topics().contains(topic));
  }

  private static GroupRecord tombstone(Group group, Group.OffsetKey key) {
    return new GroupRecord.OfOffset(group.name(), key.topic(), key.partition(), null);
  }
}
