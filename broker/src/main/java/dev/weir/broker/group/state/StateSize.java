package dev.weir.broker.group.state;

import org.jspecify.annotations.Nullable;

/** About how much memory what a record tells takes; 0 for a tombstone. */
final class StateSize {
  /** Map entries, object headers, boxed numbers. */
  private static final long OBJECT = 200;

  private static final long PARTITION = 150; // in the member and among the owners
  private static final long TOPIC = 100;
  private static final long RANGE = 48;

  private StateSize() {}

  static long ofGroup(String name) {
    return 2 * OBJECT + name.length();
  }

  static long of(GroupRecord record) {
    if (record instanceof GroupRecord.OfOffset offset) {
      return of(offset.topic(), offset.value());
    } else if (record instanceof GroupRecord.OfMember member) {
      return of(member.memberId(), member.value());
    }
    return record.isTombstone() ? 0 : OBJECT;
  }

  /** What the record replaces. */
  static long replaced(Group group, GroupRecord record) {
    if (record instanceof GroupRecord.OfOffset offset) {
      return of(
          offset.topic(),
          group.offsets().get(new Group.OffsetKey(offset.topic(), offset.partition())));
    } else if (record instanceof GroupRecord.OfMember member) {
      return of(member.memberId(), group.member(member.memberId()));
    }
    return group.hasFacts() ? OBJECT : 0;
  }

  private static long of(String topic, @Nullable CommittedOffset value) {
    return value == null
        ? 0
        : OBJECT + topic.length() + value.metadata().length() + RANGE * value.acknowledged().size();
  }

  private static long of(String memberId, @Nullable MemberFacts value) {
    if (value == null) {
      return 0;
    }
    long bytes = 2 * OBJECT + memberId.length() + value.instanceId().length();
    for (String topic : value.topics()) {
      bytes += TOPIC + topic.length();
    }
    return bytes + value.clientId().length() + PARTITION * value.owned().size();
  }
}
