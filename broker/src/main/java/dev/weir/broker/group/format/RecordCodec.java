package dev.weir.broker.group.format;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.broker.group.state.GroupFacts;
import dev.weir.broker.group.state.GroupRecord;
import dev.weir.broker.group.state.MemberFacts;
import dev.weir.broker.group.state.PartitionId;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.GroupKey;
import dev.weir.core.protocol.GroupValue;
import dev.weir.core.protocol.MemberValue;
import dev.weir.core.protocol.OwnedPartitions;
import dev.weir.core.topic.TopicId;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Keys and values of {@code __consumer_offsets}. A key begins with its version, 2 bytes. */
public final class RecordCodec {
  static final short GROUP_KEY_VERSION = 1000;
  static final short MEMBER_KEY_VERSION = 1001;

  private RecordCodec() {}

  public static byte[] key(GroupRecord record) {
    if (record instanceof GroupRecord.OfOffset offset) {
      return OffsetCodec.key(offset);
    } else if (record instanceof GroupRecord.OfMember member) {
      return key(
          MEMBER_KEY_VERSION,
          GroupKey.newBuilder().setGroup(member.group()).setMemberId(member.memberId()).build());
    }
    return key(GROUP_KEY_VERSION, GroupKey.newBuilder().setGroup(record.group()).build());
  }

  /** Null for a tombstone. */
  public static byte @Nullable [] value(GroupRecord record) {
    if (record instanceof GroupRecord.OfOffset offset) {
      return offset.value() == null ? null : OffsetCodec.value(offset.value());
    } else if (record instanceof GroupRecord.OfMember member) {
      return member.value() == null ? null : message(member.value()).toByteArray();
    } else if (record instanceof GroupRecord.OfGroup group) {
      return group.value() == null ? null : message(group.value()).toByteArray();
    }
    throw new IllegalArgumentException("a record of no kind: " + record);
  }

  /**
   * Reads a record; null for one of a version that is not known here.
   *
   * @throws WeirException CORRUPT_BATCH
   */
  public static @Nullable GroupRecord read(@Nullable ByteBuffer key, @Nullable ByteBuffer value) {
    if (key == null || key.remaining() < Short.BYTES) {
      throw corrupt("a record has no key", null);
    }
    try {
      ByteBuffer rest = key.duplicate();
      short version = rest.getShort();
      @Nullable ByteBuffer content = value == null ? null : value.duplicate();
      return switch (version) {
        case 0, OffsetCodec.KEY_VERSION -> OffsetCodec.read(rest, content);
        case GROUP_KEY_VERSION ->
            new GroupRecord.OfGroup(
                GroupKey.parseFrom(rest).getGroup(),
                content == null ? null : facts(GroupValue.parseFrom(content)));
        case MEMBER_KEY_VERSION -> {
          GroupKey member = GroupKey.parseFrom(rest);
          yield new GroupRecord.OfMember(
              member.getGroup(),
              member.getMemberId(),
              content == null ? null : facts(MemberValue.parseFrom(content)));
        }
        default -> null;
      };
    } catch (BufferUnderflowException | InvalidProtocolBufferException e) {
      throw corrupt("a record is cut off or cannot be read", e);
    }
  }

  static WeirException corrupt(String what, @Nullable Throwable cause) {
    return new WeirException(
        ErrorCode.CORRUPT_BATCH, "a log of consumer groups cannot be read: " + what, cause);
  }

  private static byte[] key(short version, GroupKey key) {
    byte[] content = key.toByteArray();
    return ByteBuffer.allocate(Short.BYTES + content.length).putShort(version).put(content).array();
  }

  private static GroupValue message(GroupFacts facts) {
    return GroupValue.newBuilder()
        .setEpoch(facts.epoch())
        .setAssignor(facts.assignor())
        .setEmptySince(facts.emptySince())
        .build();
  }

  private static GroupFacts facts(GroupValue value) {
    return new GroupFacts(value.getEpoch(), value.getAssignor(), value.getEmptySince());
  }

  private static MemberValue message(MemberFacts facts) {
    MemberValue.Builder value =
        MemberValue.newBuilder()
            .setInstanceId(facts.instanceId())
            .setEpoch(facts.epoch())
            .setBaseEpoch(facts.baseEpoch())
            .addAllTopics(facts.topics())
            .setSessionTimeoutMs(facts.sessionTimeoutMillis())
            .setDrainTimeoutMs(facts.drainTimeoutMillis())
            .setClientId(facts.clientId());
    Map<TopicId, OwnedPartitions.Builder> byTopic = new LinkedHashMap<>();
    for (PartitionId owned : facts.owned()) {
      OwnedPartitions.Builder topic =
          byTopic.computeIfAbsent(
              owned.topic(),
              id -> OwnedPartitions.newBuilder().setTopicId(ByteString.copyFrom(id.toBytes())));
      if (facts.draining().contains(owned)) {
        topic.addDraining(owned.partition());
      } else {
        topic.addPartitions(owned.partition());
      }
    }
    byTopic.values().forEach(value::addOwned);
    return value.build();
  }

  private static MemberFacts facts(MemberValue value) {
    SortedSet<PartitionId> owned = new TreeSet<>();
    SortedSet<PartitionId> draining = new TreeSet<>();
    for (OwnedPartitions topic : value.getOwnedList()) {
      if (topic.getTopicId().size() != TopicId.BYTES) {
        throw corrupt("a topic id has " + topic.getTopicId().size() + " bytes", null);
      }
      TopicId id = TopicId.of(topic.getTopicId().asReadOnlyByteBuffer());
      topic.getPartitionsList().forEach(number -> owned.add(new PartitionId(id, number)));
      topic.getDrainingList().forEach(number -> draining.add(new PartitionId(id, number)));
    }
    owned.addAll(draining);
    return new MemberFacts(
        value.getInstanceId(),
        value.getEpoch(),
        value.getBaseEpoch(),
        new TreeSet<>(value.getTopicsList()),
        value.getSessionTimeoutMs(),
        value.getDrainTimeoutMs(),
        value.getClientId(),
        owned,
        draining);
  }
}
