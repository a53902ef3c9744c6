package dev.weir.broker.group.state;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.GroupEvent;
import dev.weir.core.protocol.GroupJoin;
import dev.weir.core.protocol.GroupJoined;
import dev.weir.core.protocol.GroupPartition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A member comes: new, back, or in the place of another of its instance. */
final class Joins {
  private final Shard shard;

  Joins(Shard shard) {
    this.shard = shard;
  }

  /** Who joins, and what is known of it. */
  private record Joining(
      GroupJoin request, Group group, @Nullable MemberFacts known, @Nullable String replaced) {
    String id() {
      return request.getMemberId();
    }

    /** Whose partitions it has from now on. */
    @Nullable MemberFacts heir() {
      return replaced == null ? known : group.require(replaced);
    }
  }

  Result<Done> join(long channel, String address, GroupJoin request) {
    Limits.requireJoin(request);
    Joining joining = admit(request);
    Group group = joining.group();
    int epoch = group.facts().epoch() + 1;
    MemberFacts facts = facts(joining, epoch);
    String assignor =
        request.getAssignor().isEmpty() ? group.facts().assignor() : request.getAssignor();

    List<GroupRecord> records = new ArrayList<>();
    List<Effect> effects = new ArrayList<>();
    if (joining.replaced() != null) {
      records.add(new GroupRecord.OfMember(group.name(), joining.replaced(), null));
      fence(group.name(), joining.replaced(), effects);
    }
    records.add(new GroupRecord.OfMember(group.name(), joining.id(), facts));
    records.add(new GroupRecord.OfGroup(group.name(), new GroupFacts(epoch, assignor, 0)));
    shard.requireRoom(records);
    fence(group.name(), joining.id(), effects);
    effects.add(joined(channel, group, facts));
    if (!facts.draining().isEmpty()) {
      effects.addAll(Events.revoke(channel, facts.draining(), facts.drainTimeoutMillis()));
    }
    return new Result<>(
        records, Done.DONE, effects, () -> afterReplay(channel, address, joining, facts));
  }

  private Joining admit(GroupJoin request) {
    Group known = shard.find(request.getGroup());
    Group group = known == null ? new Group(request.getGroup()) : known;
    MemberFacts member = group.member(request.getMemberId());
    String sameInstance = group.memberOfInstance(request.getInstanceId());
    boolean instanceIsTaken = sameInstance != null && !sameInstance.equals(request.getMemberId());
    if (request.getMemberEpoch() != 0) {
      if (instanceIsTaken) {
        throw fenced(request);
      }
      requireKnown(request, member);
      return new Joining(request, group, member, null);
    }
    if (member == null
        && !instanceIsTaken
        && group.members().size() >= shard.settings.maxMembers()) {
      throw new WeirException(
          ErrorCode.OVERLOADED,
          "group '%s' has %d members, as many as a group may have (group.max.size)"
              .formatted(group.name(), group.members().size()));
    }
    return new Joining(request, group, member, instanceIsTaken ? sameInstance : null);
  }

  private static void requireKnown(GroupJoin request, @Nullable MemberFacts member) {
    int epoch = request.getMemberEpoch();
    if (member == null || epoch > member.epoch()) {
      throw new WeirException(
          ErrorCode.UNKNOWN_MEMBER,
          "group '%s' has no member '%s' of epoch %d (any more); join anew with epoch 0"
              .formatted(request.getGroup(), request.getMemberId(), epoch));
    }
    if (epoch != member.epoch() && epoch != member.baseEpoch()) {
      throw fenced(request);
    }
  }

  private static WeirException fenced(GroupJoin request) {
    return new WeirException(
        ErrorCode.FENCED_MEMBER_EPOCH,
        "a newer join has taken the place of member '%s' of epoch %d in group '%s'"
            .formatted(request.getMemberId(), request.getMemberEpoch(), request.getGroup()));
  }

  private MemberFacts facts(Joining joining, int epoch) {
    GroupJoin request = joining.request();
    SortedSet<PartitionId> owned = new TreeSet<>();
    SortedSet<PartitionId> draining = new TreeSet<>();
    MemberFacts before = joining.heir();
    if (before != null) {
      owned.addAll(before.firm());
      if (request.getMemberEpoch() != 0) {
        // what it does not read any more has drained
        for (GroupPartition read : request.getOwnedList()) {
          PartitionId partition = PartitionId.of(read);
          if (before.draining().contains(partition)) {
            draining.add(partition);
          }
        }
        owned.addAll(draining);
      }
    }
    return new MemberFacts(
        request.getInstanceId(),
        epoch,
        request.getMemberEpoch(),
        new TreeSet<>(request.getTopicsList()),
        millis(request.getSessionTimeoutMs(), shard.settings.sessionTimeout()),
        millis(request.getDrainTimeoutMs(), shard.settings.drainTimeout()),
        request.getClientId(),
        owned,
        draining);
  }

  private static int millis(int asked, Duration orElse) {
    return asked == 0 ? (int) orElse.toMillis() : asked;
  }

  private Effect joined(long channel, Group group, MemberFacts facts) {
    return new Effect.Send(
        channel,
        GroupEvent.newBuilder()
            .setJoined(
                GroupJoined.newBuilder()
                    .setMemberEpoch(facts.epoch())
                    .setHeartbeatIntervalMs(
                        shard.settings.heartbeatMillis(facts.sessionTimeoutMillis()))
                    .setSessionTimeoutMs(facts.sessionTimeoutMillis())
                    .addAllOwned(Events.describe(group, facts.owned(), shard.topics)))
            .build());
  }

  private void fence(String group, String memberId, List<Effect> effects) {
    Session session = shard.sessions.of(group, memberId);
    if (session != null && session.isConnected()) {
      effects.add(
          new Effect.End(
              session.channel(),
              ErrorCode.FENCED_MEMBER_EPOCH,
              "a newer join has taken the place of member '%s' in group '%s'"
                  .formatted(memberId, group)));
    }
  }

  private void afterReplay(long channel, String address, Joining joining, MemberFacts facts) {
    String group = joining.group().name();
    if (joining.replaced() != null) {
      shard.sessions.remove(group, joining.replaced());
    }
    long now = shard.clock.now();
    Session session = shard.sessions.connect(group, joining.id(), channel, address);
    session.liveFor(Duration.ofMillis(facts.sessionTimeoutMillis()).toNanos(), now);
    session.drainUntil(
        facts.draining(), now + Duration.ofMillis(facts.drainTimeoutMillis()).toNanos());
    shard.unsettled.add(group);
  }
}
