package dev.weir.broker.group.state;

import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.GroupCommit;
import dev.weir.core.protocol.GroupDrained;
import dev.weir.core.protocol.GroupJoin;
import dev.weir.core.protocol.GroupRequest;
import dev.weir.core.protocol.GroupSubscribe;
import dev.weir.core.time.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The coordinator of the groups of one shard. Its owner appends and replays the records of every
 * {@link Result}, in order, and tells it the time that passes. One thread.
 *
 * <p>First the log is replayed, then {@link #start} is called, then requests come.
 */
public final class GroupMachine {
  /** So late a tick means that the coordinator itself stood still. */
  static final Duration LATE = Duration.ofSeconds(1);

  private final Shard shard;
  private final Joins joins;
  private final Rebalance rebalance;
  private final Commits commits;
  private final Departures departures;
  private final GroupAdmin admin;

  public GroupMachine(Time time, GroupSettings settings, StateBudget budget) {
    this.shard = new Shard(time, settings, budget);
    this.joins = new Joins(shard);
    this.rebalance = new Rebalance(shard);
    this.commits = new Commits(shard);
    this.departures = new Departures(shard);
    this.admin = new GroupAdmin(shard, commits);
  }

  /** Takes a record over, from the log or just appended. */
  public void replay(GroupRecord record) {
    shard.state.replay(record);
  }

  /**
   * The log has been replayed: its members are expected back within their sessions.
   *
   * @param topics as they are now
   */
  public void start(TopicsView topics) {
    shard.topics = topics;
    long now = shard.clock.now();
    for (Group group : shard.state.groups()) {
      group
          .members()
          .forEach(
              (id, facts) ->
                  shard
                      .sessions
                      .expect(group.name(), id)
                      .liveFor(departures.graceNanosAfterStart(facts), now));
      if (!group.members().isEmpty()) {
        shard.unsettled.add(group.name());
      }
    }
  }

  /** It is not used any more; what it took from the budget is given back. */
  public void close() {
    shard.state.close();
  }

  /**
   * A member comes.
   *
   * @param channel a number never used before
   * @param address for people
   * @throws WeirException the join is refused and the channel ends with it
   */
  public Result<Done> join(long channel, String address, GroupJoin request) {
    return joins.join(channel, address, request);
  }

  /**
   * Anything but a join. What comes on a channel that is not its member's any more is passed over:
   * its end is on the way.
   *
   * @throws WeirException the request is refused and the channel ends with it
   */
  public Result<Done> request(long channel, GroupRequest request) {
    Session session = shard.sessions.on(channel);
    if (session == null) {
      return Result.none();
    }
    session.renew(shard.clock.now());
    return switch (request.getKindCase()) {
      case SUBSCRIBE -> subscribe(session, request.getSubscribe());
      case HEARTBEAT -> Result.none();
      case DRAINED -> drained(session, request.getDrained());
      case COMMIT -> commit(session, request.getCommit());
      case LEAVE -> departures.leave(session);
      case JOIN -> throw Limits.invalid("a member joins once on a channel, with its first message");
      case KIND_NOT_SET -> throw Limits.invalid("the request is of no known kind");
    };
  }

  /** What a member is told when its commit could not be appended. */
  public static Effect commitFailed(long channel, GroupCommit commit, WeirException failure) {
    return Commits.committed(
        channel, commit.getCorrelationId(), Commits.allFailed(commit.getOffsetsList(), failure));
  }

  /** The connection of a member has broken, or its channel has ended: its grace begins. */
  public void disconnected(long channel) {
    departures.disconnected(channel);
  }

  public int groupCount() {
    return shard.state.groups().size();
  }

  public int memberCount() {
    return shard.sessions.all().size();
  }

  /** Whether time has to be told. */
  public boolean hasSessions() {
    return !shard.sessions.isEmpty();
  }

  /**
   * Removes members whose time is up.
   *
   * @param lateNanos how much later than wanted this is called: beyond {@link #LATE} nobody's
   *     deadlines have passed meanwhile, and every session begins anew
   */
  public Result<Done> tick(long lateNanos) {
    if (lateNanos > LATE.toNanos()) {
      shard.clock.pass(lateNanos);
      long now = shard.clock.now();
      shard.sessions.all().forEach(session -> session.renew(now));
      return Result.none();
    }
    return departures.removeOverdue();
  }

  /**
   * The topics of the cluster, whenever they may have changed. Offsets of topics that are seen to
   * go are forgotten.
   */
  public Result<Done> topics(TopicsView topics) {
    TopicsView before = shard.topics;
    if (topics.isSameAs(before)) {
      return Result.none();
    }
    shard.topics = topics;
    for (Group group : shard.state.groups()) {
      if (!group.members().isEmpty()) {
        shard.unsettled.add(group.name());
      }
    }
    return admin.forgetDeleted(before);
  }

  /** A group whose members may not own what they should; null when there is none. */
  public @Nullable String unsettled() {
    return shard.unsettled.isEmpty() ? null : shard.unsettled.iterator().next();
  }

  /**
   * Takes the next step of a group towards what its members should own.
   *
   * @return whether partitions were moved
   */
  public Result<Boolean> settle(String group) {
    return rebalance.settle(group);
  }

  /** Offsets, listings, deletions. */
  public GroupAdmin admin() {
    return admin;
  }

  private Result<Done> subscribe(Session session, GroupSubscribe request) {
    Limits.requireTopics(request.getTopicsList());
    Group group = shard.of(session);
    String memberId = session.member().id();
    MemberFacts facts = group.require(memberId);
    List<GroupRecord> records =
        List.of(
            new GroupRecord.OfMember(
                group.name(), memberId, facts.withTopics(request.getTopicsList())));
    shard.requireRoom(records);
    return new Result<>(records, Done.DONE, List.of(), () -> shard.unsettled.add(group.name()));
  }

  private Result<Done> drained(Session session, GroupDrained request) {
    Group group = shard.of(session);
    String memberId = session.member().id();
    MemberFacts facts = group.require(memberId);
    SortedSet<PartitionId> given = new TreeSet<>();
    request.getPartitionsList().forEach(partition -> given.add(PartitionId.of(partition)));
    given.retainAll(facts.draining());
    if (given.isEmpty()) {
      return Result.none();
    }
    return new Result<>(
        List.of(new GroupRecord.OfMember(group.name(), memberId, facts.without(given))),
        Done.DONE,
        List.of(),
        () -> {
          session.onDrained(given);
          shard.unsettled.add(group.name());
        });
  }

  private Result<Done> commit(Session session, GroupCommit request) {
    var stored = commits.commit(session, request);
    return new Result<>(stored.records(), Done.DONE, stored.effects(), stored.afterReplay());
  }

  /** Every group's facts, for a comparison of two machines. */
  Map<String, List<GroupRecord>> snapshot() {
    Map<String, List<GroupRecord>> groups = new TreeMap<>();
    for (Group group : shard.state.groups()) {
      List<GroupRecord> records = new ArrayList<>();
      if (group.hasFacts()) {
        records.add(new GroupRecord.OfGroup(group.name(), group.facts()));
      }
      group
          .members()
          .forEach((id, facts) -> records.add(new GroupRecord.OfMember(group.name(), id, facts)));
      group
          .offsets()
          .forEach(
              (key, value) ->
                  records.add(
                      new GroupRecord.OfOffset(group.name(), key.topic(), key.partition(), value)));
      groups.put(group.name(), records);
    }
    return groups;
  }
}
