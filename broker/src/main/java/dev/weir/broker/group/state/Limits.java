package dev.weir.broker.group.state;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.GroupJoin;
import dev.weir.core.topic.TopicNames;
import java.util.Collection;

/** What requests may ask for; everything else is INVALID_REQUEST and says what was wrong. */
final class Limits {
  private static final int NAME_CHARS = 255;
  private static final int MEMBER_ID_CHARS = 128;
  private static final int TOPICS = 1000;

  private Limits() {}

  static void requireGroup(String group) {
    if (group.isEmpty()) {
      throw invalid("the request names no group");
    }
    requireShort("the name of a group", group, NAME_CHARS);
  }

  static void requireJoin(GroupJoin join) {
    requireGroup(join.getGroup());
    if (join.getMemberId().isEmpty()) {
      throw invalid("member_id is empty: a member chooses one, random");
    }
    requireShort("member_id", join.getMemberId(), MEMBER_ID_CHARS);
    requireShort("instance_id", join.getInstanceId(), NAME_CHARS);
    requireShort("client_id", join.getClientId(), NAME_CHARS);
    if (join.getMemberEpoch() < 0) {
      throw invalid("member_epoch is " + join.getMemberEpoch() + " and cannot be negative");
    }
    requireTimeout("session_timeout_ms", join.getSessionTimeoutMs());
    requireTimeout("drain_timeout_ms", join.getDrainTimeoutMs());
    requireTopics(join.getTopicsList());
    Assignor.named(join.getAssignor());
  }

  static void requireTopics(Collection<String> topics) {
    if (topics.size() > TOPICS) {
      throw invalid(
          "a member subscribes to at most %d topics, not %d".formatted(TOPICS, topics.size()));
    }
    topics.forEach(TopicNames::requireValid);
  }

  /** 0 is the broker's default. */
  private static void requireTimeout(String name, int unsignedMillis) {
    long millis = Integer.toUnsignedLong(unsignedMillis);
    if (millis != 0
        && (millis < GroupSettings.LEAST_TIMEOUT_MILLIS
            || millis > GroupSettings.MOST_TIMEOUT_MILLIS)) {
      throw invalid(
          "%s is %d and must be %d to %d, or 0 for the broker's default"
              .formatted(
                  name,
                  millis,
                  GroupSettings.LEAST_TIMEOUT_MILLIS,
                  GroupSettings.MOST_TIMEOUT_MILLIS));
    }
  }

  private static void requireShort(String what, String text, int mostChars) {
    if (text.length() > mostChars) {
      throw invalid(
          "%s has at most %d characters, not %d".formatted(what, mostChars, text.length()));
    }
  }

  static WeirException invalid(String message) {
    return new WeirException(ErrorCode.INVALID_REQUEST, message);
  }
}
