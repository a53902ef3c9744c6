package dev.weir.broker.group.state;

import dev.weir.core.error.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Members go: on their own, or because nothing is heard of them, or because they hold on. */
final class Departures {
  private final Shard shard;

  Departures(Shard shard) {
    this.shard = shard;
  }

  Result<Done> leave(Session session) {
    Session.Member member = session.member();
    return new Result<>(
        removal(member.group(), List.of(member.id())),
        Done.DONE,
        List.of(new Effect.End(session.channel(), null, "")),
        () -> forget(member));
  }

  void disconnected(long channel) {
    Session session = shard.sessions.disconnect(channel);
    if (session != null) {
      MemberFacts facts = shard.of(session).require(session.member().id());
      session.liveFor(graceNanos(facts), shard.clock.now());
    }
  }

  /** A static member may take as long to come back as it may be silent: it is being restarted. */
  private long graceNanos(MemberFacts facts) {
    long grace = shard.settings.grace().toNanos();
    return facts.instanceId().isEmpty() ? grace : Math.max(grace, sessionNanos(facts));
  }

  /** The coordinator was away itself: its members have to find it first. */
  long graceNanosAfterStart(MemberFacts facts) {
    return Math.max(shard.settings.grace().toNanos(), sessionNanos(facts));
  }

  private static long sessionNanos(MemberFacts facts) {
    return Duration.ofMillis(facts.sessionTimeoutMillis()).toNanos();
  }

  Result<Done> removeOverdue() {
    long now = shard.clock.now();
    Map<String, List<String>> removed = new LinkedHashMap<>();
    List<Session.Member> members = new ArrayList<>();
    List<Effect> effects = new ArrayList<>();
    for (Session session : shard.sessions.all()) {
      String reason = whyRemoved(session, now);
      if (reason != null) {
        Session.Member member = session.member();
        members.add(member);
        removed.computeIfAbsent(member.group(), group -> new ArrayList<>()).add(member.id());
        if (session.isConnected()) {
          effects.add(
              new Effect.End(
                  session.channel(),
                  ErrorCode.UNKNOWN_MEMBER,
                  "member '%s' was removed from group '%s': %s"
                      .formatted(member.id(), member.group(), reason)));
        }
      }
    }
    List<GroupRecord> records = new ArrayList<>();
    removed.forEach((group, ids) -> records.addAll(removal(group, ids)));
    return new Result<>(records, Done.DONE, effects, () -> members.forEach(this::forget));
  }

  private static @Nullable String whyRemoved(Session session, long now) {
    if (session.isSilent(now)) {
      return "nothing was heard of it for its whole session";
    }
    return session.isDrainOverdue(now) ? "it did not give up what it was told to in time" : null;
  }

  private List<GroupRecord> removal(String name, List<String> memberIds) {
    Group group = Objects.requireNonNull(shard.find(name));
    List<GroupRecord> records = new ArrayList<>();
    memberIds.forEach(id -> records.add(new GroupRecord.OfMember(name, id, null)));
    if (memberIds.size() == group.members().size()) {
      records.add(
          new GroupRecord.OfGroup(name, group.facts().withEmptySince(shard.time.wallMillis())));
    }
    return records;
  }

  private void forget(Session.Member member) {
    shard.sessions.remove(member.group(), member.id());
    shard.unsettled.add(member.group());
  }
}
