package dev.weir.broker.group.state;

import com.google.protobuf.ByteString;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.CommitOffsetsRequestOrBuilder;
import dev.weir.core.protocol.GroupCommit;
import dev.weir.core.protocol.GroupCommitted;
import dev.weir.core.protocol.GroupEvent;
import dev.weir.core.protocol.GroupOffset;
import dev.weir.core.protocol.OffsetRange;
import dev.weir.core.protocol.PartitionError;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Offsets that are to be stored: of members, and of those who assign partitions themselves. */
final class Commits {
  private static final int MOST_RANGES = 4096;

  private final Shard shard;

  Commits(Shard shard) {
    this.shard = shard;
  }

  /** Who may store an offset of a partition; throws when the caller may not. */
  private interface Permission {
    void require(PartitionId partition);
  }

  /** Of a member: only what it owns, drained or not. */
  Result<List<PartitionError>> commit(Session session, GroupCommit commit) {
    Group group = shard.of(session);
    String memberId = session.member().id();
    MemberFacts facts = group.require(memberId);
    Permission permission =
        partition -> {
          if (commit.getMemberEpoch() != facts.epoch()) {
            throw new WeirException(
                ErrorCode.FENCED_MEMBER_EPOCH,
                "member '%s' of group '%s' has epoch %d, the commit says %d"
                    .formatted(memberId, group.name(), facts.epoch(), commit.getMemberEpoch()));
          }
          if (!memberId.equals(group.owner(partition))) {
            throw new WeirException(
                ErrorCode.NOT_OWNER,
                "partition %d of topic id %s is not assigned to member '%s' of group '%s'"
                    .formatted(partition.partition(), partition.topic(), memberId, group.name()));
          }
        };
    Result<List<PartitionError>> stored = store(group.name(), commit.getOffsetsList(), permission);
    return new Result<>(
        stored.records(),
        stored.answer(),
        List.of(committed(session.channel(), commit.getCorrelationId(), stored.answer())),
        stored.afterReplay());
  }

  /** GROUP_NOT_EMPTY while there are members. */
  Result<List<PartitionError>> commit(CommitOffsetsRequestOrBuilder request) {
    Limits.requireGroup(request.getGroup());
    Group group = shard.find(request.getGroup());
    if (group != null && !group.members().isEmpty()) {
      throw notEmpty(group);
    }
    return store(request.getGroup(), request.getOffsetsList(), partition -> {});
  }

  static WeirException notEmpty(Group group) {
    return new WeirException(
        ErrorCode.GROUP_NOT_EMPTY,
        "group '%s' has %d members: only they may change its offsets"
            .formatted(group.name(), group.members().size()));
  }

  static Effect committed(long channel, long correlationId, List<PartitionError> errors) {
    return new Effect.Send(
        channel,
        GroupEvent.newBuilder()
            .setCommitted(
                GroupCommitted.newBuilder().setCorrelationId(correlationId).addAllErrors(errors))
            .build());
  }

  /** The same error for each partition. */
  static List<PartitionError> allFailed(List<GroupOffset> offsets, WeirException failure) {
    return offsets.stream()
        .map(offset -> error(offset.getTopicId(), offset.getPartition(), failure))
        .toList();
  }

  static PartitionError error(ByteString topicId, int partition, WeirException failure) {
    return PartitionError.newBuilder()
        .setTopicId(topicId)
        .setPartition(partition)
        .setError(failure.code().number())
        .setErrorMessage(String.valueOf(failure.getMessage()))
        .build();
  }

  private Result<List<PartitionError>> store(
      String group, List<GroupOffset> offsets, Permission permission) {
    List<GroupRecord> records = new ArrayList<>();
    List<PartitionError> errors = new ArrayList<>();
    Set<PartitionId> seen = new HashSet<>();
    for (GroupOffset offset : offsets) {
      try {
        PartitionId partition = PartitionId.of(offset.getTopicId(), offset.getPartition());
        if (!seen.add(partition)) {
          throw Limits.invalid("the partition is named twice in one commit");
        }
        permission.require(partition);
        records.add(record(group, partition, offset));
      } catch (WeirException e) {
        errors.add(error(offset.getTopicId(), offset.getPartition(), e));
      }
    }
    if (!shard.state.hasRoomFor(records)) {
      WeirException full =
          new WeirException(
              ErrorCode.OVERLOADED,
              "the groups of this broker take all the memory they may (group.state.bytes)");
      return Result.answer(allFailed(offsets, full));
    }
    return Result.of(records, errors);
  }

  private GroupRecord record(String group, PartitionId partition, GroupOffset offset) {
    TopicsView.@Nullable Topic topic = shard.topics.withId(partition.topic());
    if (topic == null) {
      throw new WeirException(
          ErrorCode.UNKNOWN_TOPIC, "there is no topic with id " + partition.topic());
    }
    if (partition.partition() < 0 || partition.partition() >= topic.partitions()) {
      throw new WeirException(
          ErrorCode.UNKNOWN_PARTITION,
          "topic '%s' has %d partitions, not a partition %d"
              .formatted(topic.name(), topic.partitions(), partition.partition()));
    }
    requireSensible(offset);
    return new GroupRecord.OfOffset(
        group,
        topic.name(),
        partition.partition(),
        new CommittedOffset(
            offset.getOffset(),
            offset.getLeaderEpoch(),
            offset.getMetadata(),
            shard.time.wallMillis(),
            topic.id(),
            offset.getAcknowledgedList()));
  }

  private void requireSensible(GroupOffset offset) {
    if (offset.getOffset() < 0) {
      throw Limits.invalid("offset " + offset.getOffset() + " is negative");
    }
    int metadata = offset.getMetadata().getBytes(StandardCharsets.UTF_8).length;
    if (metadata > shard.settings.maxMetadataBytes()) {
      throw Limits.invalid(
          "metadata has %d bytes, at most %d are kept (offset.metadata.max.bytes)"
              .formatted(metadata, shard.settings.maxMetadataBytes()));
    }
    if (offset.getAcknowledgedCount() > MOST_RANGES) {
      throw Limits.invalid(
          "%d acknowledged ranges are too many, at most %d"
              .formatted(offset.getAcknowledgedCount(), MOST_RANGES));
    }
    long end = offset.getOffset();
    for (OffsetRange range : offset.getAcknowledgedList()) {
      if (range.getFirst() < end || range.getLast() < range.getFirst()) {
        throw Limits.invalid(
            "acknowledged range %d to %d does not lie beyond what is before it, up to %d"
                .formatted(range.getFirst(), range.getLast(), end));
      }
      end = range.getLast() + 1;
      if (end < 0) {
        throw Limits.invalid("acknowledged range ends beyond any offset: " + range.getLast());
      }
    }
  }
}
