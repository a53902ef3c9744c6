package dev.weir.client;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;

/**
 * What one member of a consumer group reads, and how.
 *
 * @param group the group's name
 * @param topics topics to read; those that do not exist yet are waited for
 * @param from where a partition begins for which the group has committed nothing. The default is
 *     the earliest record: with the latest, what arrives between joining and reading is passed over
 * @param gate while its last value is false, nothing is delivered and brokers are asked for nothing
 *     more, for hours if need be; the membership stays. Closed until its first value; open for good
 *     when it completes; its error ends the subscription. Null: always open
 * @param control a handle on the running subscription; null: none
 */
public record GroupSubscription(
    String group,
    Set<String> topics,
    MemberSettings member,
    CommitSettings commits,
    StartingPosition from,
    GroupListener listener,
    @Nullable Publisher<Boolean> gate,
    @Nullable ConsumerControl control) {

  public GroupSubscription {
    topics = Set.copyOf(topics);
    if (group.isEmpty()) {
      throw new IllegalArgumentException("a group needs a name");
    }
    if (topics.isEmpty()) {
      throw new IllegalArgumentException("group '" + group + "' needs at least one topic");
    }
  }

  /** A dynamic member that begins at the earliest record. */
  public static GroupSubscription of(String group, String... topics) {
    return new GroupSubscription(
        group,
        Set.of(topics),
        MemberSettings.defaults(),
        CommitSettings.defaults(),
        StartingPosition.earliest(),
        GroupListener.NONE,
        null,
        null);
  }

  public GroupSubscription withMember(MemberSettings value) {
    return new GroupSubscription(group, topics, value, commits, from, listener, gate, control);
  }

  public GroupSubscription withCommits(CommitSettings value) {
    return new GroupSubscription(group, topics, member, value, from, listener, gate, control);
  }

  /** {@link StartingPosition.AtOffset} means the same offset in every partition. */
  public GroupSubscription withFrom(StartingPosition value) {
    return new GroupSubscription(group, topics, member, commits, value, listener, gate, control);
  }

  public GroupSubscription withListener(GroupListener value) {
    return new GroupSubscription(group, topics, member, commits, from, value, gate, control);
  }

  public GroupSubscription gatedBy(Publisher<Boolean> value) {
    return new GroupSubscription(group, topics, member, commits, from, listener, value, control);
  }

  /** A control serves one subscription at a time. */
  public GroupSubscription controlledBy(ConsumerControl value) {
    return new GroupSubscription(group, topics, member, commits, from, listener, gate, value);
  }
}
