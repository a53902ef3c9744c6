package dev.weir.broker.group.state;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Takes the next step from what members own to what they should own: partitions that are free are
 * handed over, those in the wrong hands are ordered back.
 */
final class Rebalance {
  private final Shard shard;

  Rebalance(Shard shard) {
    this.shard = shard;
  }

  /** What changes for one member. */
  private static final class Change {
    private final SortedSet<PartitionId> assigned = new TreeSet<>();
    private final SortedSet<PartitionId> revoked = new TreeSet<>();

    boolean isNothing() {
      return assigned.isEmpty() && revoked.isEmpty();
    }
  }

  /**
   * The step for a group; no records when it is where it should be.
   *
   * @return whether anything was to be done
   */
  Result<Boolean> settle(String name) {
    Group group = shard.find(name);
    SortedMap<String, Change> changes = group == null ? new TreeMap<>() : changes(group);
    changes.values().removeIf(Change::isNothing);
    if (group == null || changes.isEmpty()) {
      return new Result<>(List.of(), false, List.of(), () -> shard.unsettled.remove(name));
    }
    List<GroupRecord> records = new ArrayList<>();
    List<Effect> effects = new ArrayList<>();
    changes.forEach(
        (memberId, change) -> {
          MemberFacts facts = group.require(memberId);
          SortedSet<PartitionId> owned = new TreeSet<>(facts.owned());
          owned.addAll(change.assigned);
          SortedSet<PartitionId> draining = new TreeSet<>(facts.draining());
          draining.addAll(change.revoked);
          records.add(new GroupRecord.OfMember(name, memberId, facts.with(owned, draining)));
          tell(shard.sessions.of(name, memberId), group, facts, change, effects);
        });
    GroupFacts facts = group.facts();
    records.add(new GroupRecord.OfGroup(name, facts.withEpoch(facts.epoch() + 1)));
    return new Result<>(records, true, effects, () -> afterReplay(group, changes));
  }

  private void tell(
      @Nullable Session session,
      Group group,
      MemberFacts facts,
      Change change,
      List<Effect> effects) {
    if (session == null || !session.isConnected()) {
      return; // told when it comes back
    }
    if (!change.assigned.isEmpty()) {
      effects.addAll(Events.assigned(session.channel(), group, change.assigned, shard.topics));
    }
    if (!change.revoked.isEmpty()) {
      effects.addAll(Events.revoke(session.channel(), change.revoked, facts.drainTimeoutMillis()));
    }
  }

  private SortedMap<String, Change> changes(Group group) {
    SortedMap<String, Change> changes = new TreeMap<>();
    List<Assignor.Candidate> candidates = new ArrayList<>();
    group
        .members()
        .forEach(
            (id, facts) -> {
              changes.put(id, new Change());
              candidates.add(
                  new Assignor.Candidate(
                      id,
                      facts.instanceId().isEmpty() ? id : facts.instanceId(),
                      facts.topics(),
                      facts.firm()));
            });
    Map<PartitionId, String> target =
        Assignor.named(group.facts().assignor()).assign(candidates, shard.topics);
    target.forEach(
        (partition, owner) -> {
          Change change = changes.get(owner);
          if (change != null && group.owner(partition) == null) {
            change.assigned.add(partition);
          }
        });
    group
        .members()
        .forEach(
            (id, facts) -> {
              Change change = changes.get(id);
              for (PartitionId partition : facts.firm()) {
                if (change != null && !id.equals(target.get(partition))) {
                  change.revoked.add(partition);
                }
              }
            });
    return changes;
  }

  private void afterReplay(Group group, SortedMap<String, Change> changes) {
    long now = shard.clock.now();
    changes.forEach(
        (memberId, change) -> {
          Session session = shard.sessions.of(group.name(), memberId);
          if (session != null && session.isConnected()) {
            int millis = group.require(memberId).drainTimeoutMillis();
            session.drainUntil(change.revoked, now + Duration.ofMillis(millis).toNanos());
          }
        });
    shard.unsettled.remove(group.name());
  }
}
