package dev.weir.broker.group.state;

import dev.weir.core.topic.TopicId;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One group as its records tell it. Changed by replay only. */
final class Group {
  private final String name;
  private @Nullable GroupFacts facts;
  private final SortedMap<String, MemberFacts> members = new TreeMap<>();
  private final Map<PartitionId, String> owners = new HashMap<>();
  private final SortedMap<OffsetKey, CommittedOffset> offsets = new TreeMap<>();

  Group(String name) {
    this.name = name;
  }

  /** What an offset is stored under. */
  record OffsetKey(String topic, int partition) implements Comparable<OffsetKey> {
    @Override
    public int compareTo(OffsetKey other) {
      int byTopic = topic.compareTo(other.topic);
      return byTopic != 0 ? byTopic : Integer.compare(partition, other.partition);
    }
  }

  String name() {
    return name;
  }

  GroupFacts facts() {
    return facts == null ? GroupFacts.NONE : facts;
  }

  boolean hasFacts() {
    return facts != null;
  }

  /** By member id. */
  SortedMap<String, MemberFacts> members() {
    return Collections.unmodifiableSortedMap(members);
  }

  @Nullable MemberFacts member(String memberId) {
    return members.get(memberId);
  }

  MemberFacts require(String memberId) {
    return Objects.requireNonNull(members.get(memberId), memberId);
  }

  @Nullable String memberOfInstance(String instanceId) {
    for (Map.Entry<String, MemberFacts> member : members.entrySet()) {
      if (!instanceId.isEmpty() && member.getValue().instanceId().equals(instanceId)) {
        return member.getKey();
      }
    }
    return null;
  }

  @Nullable String owner(PartitionId partition) {
    return owners.get(partition);
  }

  Map<PartitionId, String> owners() {
    return Collections.unmodifiableMap(owners);
  }

  SortedMap<OffsetKey, CommittedOffset> offsets() {
    return Collections.unmodifiableSortedMap(offsets);
  }

  /** The offset committed for this very topic, not for an older one of the same name. */
  @Nullable CommittedOffset offset(String topic, TopicId id, int partition) {
    CommittedOffset committed = offsets.get(new OffsetKey(topic, partition));
    return committed == null || !committed.topicId().equals(id) ? null : committed;
  }

  boolean isDraining() {
    return members.values().stream().anyMatch(member -> !member.draining().isEmpty());
  }

  /** Nothing is known of it. */
  boolean isForgotten() {
    return facts == null && members.isEmpty() && offsets.isEmpty();
  }

  void replay(GroupRecord record) {
    if (record instanceof GroupRecord.OfOffset offset) {
      OffsetKey key = new OffsetKey(offset.topic(), offset.partition());
      if (offset.value() == null) {
        offsets.remove(key);
      } else {
        offsets.put(key, offset.value());
      }
    } else if (record instanceof GroupRecord.OfGroup group) {
      facts = group.value();
    } else if (record instanceof GroupRecord.OfMember member) {
      replayMember(member.memberId(), member.value());
    }
  }

  private void replayMember(String memberId, @Nullable MemberFacts value) {
    MemberFacts before = members.remove(memberId);
    if (before != null) {
      before.owned().forEach(owners::remove);
    }
    if (value == null) {
      return;
    }
    members.put(memberId, value);
    for (PartitionId partition : value.owned()) {
      String other = owners.put(partition, memberId);
      if (other != null) {
        throw new IllegalStateException(
            "%s of group '%s' belongs to two members, '%s' and '%s'"
                .formatted(partition, name, other, memberId));
      }
    }
  }
}
