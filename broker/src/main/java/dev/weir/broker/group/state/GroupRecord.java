package dev.weir.broker.group.state;

import org.jspecify.annotations.Nullable;

/** One record of the coordinator's log: the newest of a key holds; a null value removes it. */
public sealed interface GroupRecord {
  /** The group it is about. */
  String group();

  /** Whether it removes what its key names. */
  boolean isTombstone();

  /** A committed offset, in Kafka's schema on disk. */
  record OfOffset(String group, String topic, int partition, @Nullable CommittedOffset value)
      implements GroupRecord {
    @Override
    public boolean isTombstone() {
      return value == null;
    }
  }

  /** The group itself. */
  record OfGroup(String group, @Nullable GroupFacts value) implements GroupRecord {
    @Override
    public boolean isTombstone() {
      return value == null;
    }
  }

  /** A member and what it owns. */
  record OfMember(String group, String memberId, @Nullable MemberFacts value)
      implements GroupRecord {
    @Override
    public boolean isTombstone() {
      return value == null;
    }
  }
}
