package dev.weir.broker.campaign.groups;

import dev.weir.broker.campaign.groups.Ownership.Tenure;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Looks for breaches in what was written down. Pure; used once. */
final class Checker {
  static final long LONGEST_STALL_MILLIS = 3_000;

  private final Evidence evidence;
  private final Breaches breaches;
  private final Ownership ownership;
  private final Map<Integer, List<Commit>> commits = new HashMap<>();
  private final Map<Integer, List<Tenure>> tenures = new HashMap<>();
  private long duplicates;
  private long zombieRecords;
  private long longestStall;
  private String longestStallOf = "";
  private long longestWait;

  /** A member's time with a partition. */
  private record Held(String member, Holding holding) {}

  /**
   * @param breaches those known already; more are added
   */
  Checker(Evidence evidence, Breaches breaches) {
    this.evidence = evidence;
    this.breaches = breaches;
    this.ownership = new Ownership(evidence.partitions(), breaches);
  }

  Verdict check() {
    evidence.changes().forEach(ownership::apply);
    ownership
        .tenures()
        .forEach(
            tenure ->
                tenures.computeIfAbsent(tenure.partition(), key -> new ArrayList<>()).add(tenure));
    checkCommits();
    for (MemberHistory member : evidence.members()) {
      member
          .failures()
          .forEach(line -> breaches.add(Breach.FAILED_CLIENT, member.name() + ": " + line));
      member.foreign().forEach(line -> breaches.add(Breach.FOREIGN, member.name() + ": " + line));
      checkAssigned(member);
      checkStalls(member);
    }
    ownership.tenures().forEach(this::checkTold);
    for (int partition = 0; partition < evidence.partitions(); partition++) {
      checkCoverage(partition);
      checkOverlaps(partition);
    }
    Effects effects = new Effects(evidence, ownership);
    effects.check(breaches);
    return new Verdict(
        breaches,
        effects,
        ownership.rebalances().stream()
            .filter(rebalance -> rebalance.from() >= evidence.begin())
            .toList(),
        evidence.produced().total(),
        duplicates,
        zombieRecords,
        evidence.commits().size(),
        longestStall,
        longestStallOf,
        longestWait);
  }

  private void checkCommits() {
    Map<Integer, Long> last = new HashMap<>();
    for (Commit commit : evidence.commits()) {
      commits.computeIfAbsent(commit.partition(), key -> new ArrayList<>()).add(commit);
      Long before = last.put(commit.partition(), commit.offset());
      if (before != null && commit.offset() < before) {
        breaches.add(
            Breach.COMMIT_FELL,
            "partition %d from %d to %d".formatted(commit.partition(), before, commit.offset()));
      }
    }
    for (MemberHistory member : evidence.members()) {
      member
          .told()
          .forEach(
              (partition, offset) -> {
                long end = evidence.committed().getOrDefault(partition, -1L);
                if (end < offset) {
                  breaches.add(
                      Breach.COMMIT_LOST,
                      "%s was told that %d of partition %d is committed; it is %d"
                          .formatted(member.name(), offset, partition, end));
                }
              });
    }
  }

  private void checkAssigned(MemberHistory member) {
    for (Span span : member.strays()) {
      breaches.add(Breach.NOT_ASSIGNED, member.name() + " processed without holding: " + span);
    }
    for (Holding holding : member.holdings()) {
      Tenure tenure = tenure(member.name(), holding.partition(), holding.from());
      if (tenure == null || (tenure.to() < holding.from() && !tenure.removed())) {
        breaches.add(
            Breach.NOT_ASSIGNED,
            "%s held partition %d from %d"
                .formatted(member.name(), holding.partition(), holding.from()));
      }
    }
  }

  /** The last that began before; null: none. */
  private @Nullable Tenure tenure(String client, int partition, long at) {
    Tenure last = null;
    for (Tenure tenure : tenures.getOrDefault(partition, List.of())) {
      if (tenure.client().equals(client)
          && tenure.from() <= at
          && (last == null || tenure.from() > last.from())) {
        last = tenure;
      }
    }
    return last;
  }

  /** The epoch under which it held the partition is over because the coordinator removed it. */
  private boolean isFenced(String client, int partition, long at) {
    Tenure tenure = tenure(client, partition, at);
    return tenure != null && tenure.removed() && tenure.to() <= at;
  }

  /** Every record by somebody; what is processed again, and how long anything waited. */
  private void checkCoverage(int partition) {
    List<Span> spans = new ArrayList<>();
    for (MemberHistory member : evidence.members()) {
      member.spans().stream().filter(span -> span.partition() == partition).forEach(spans::add);
    }
    long processed = spans.stream().mapToLong(Span::count).sum();
    spans.sort(Comparator.comparingLong(Span::first));
    long end = evidence.produced().end(partition);
    long next = 0;
    long distinct = 0;
    for (Span span : spans) {
      if (span.first() > next) {
        lost(partition, next, Math.min(span.first(), end));
      }
      distinct += Math.max(0, span.last() + 1 - Math.max(next, span.first()));
      next = Math.max(next, span.last() + 1);
    }
    lost(partition, next, end);
    duplicates += processed - distinct;
    waits(partition, spans);
  }

  private void lost(int partition, long from, long end) {
    if (from < end) {
      breaches.add(
          Breach.LOST, "partition %d, offsets %d to %d".formatted(partition, from, end - 1));
    }
  }

  private void waits(int partition, List<Span> spans) {
    long next = 0;
    long since = evidence.begin();
    spans.sort(Comparator.comparingLong(Span::from));
    for (Span span : spans) {
      if (span.last() >= next) {
        long available = evidence.produced().availableAt(partition, next);
        longestWait = Math.max(longestWait, span.from() - Math.max(since, available));
        next = span.last() + 1;
        since = span.to();
      }
    }
  }

  /** Two may hold a partition only if one is removed and does not know it: its epoch is over. */
  private void checkOverlaps(int partition) {
    List<Held> held = new ArrayList<>();
    for (MemberHistory member : evidence.members()) {
      member.holdings().stream()
          .filter(holding -> holding.partition() == partition)
          .forEach(holding -> held.add(new Held(member.name(), holding)));
    }
    held.sort(Comparator.comparingLong(each -> each.holding().from()));
    for (int i = 0; i < held.size(); i++) {
      for (int j = i + 1; j < held.size(); j++) {
        compare(held.get(i), held.get(j));
      }
    }
  }

  private void compare(Held older, Held newer) {
    Holding first = older.holding();
    long from = newer.holding().from();
    if (older.member().equals(newer.member()) || first.to() <= from) {
      return;
    }
    if (isFenced(older.member(), first.partition(), from)) {
      zombieRecords +=
          first.spans().stream().filter(span -> span.from() > from).mapToLong(Span::count).sum();
    } else if (isFenced(newer.member(), first.partition(), from)) {
      zombieRecords += newer.holding().spans().stream().mapToLong(Span::count).sum();
    } else {
      breaches.add(
          Breach.OVERLAP,
          "partition %d was held by %s until %d and by %s from %d"
              .formatted(first.partition(), older.member(), first.to(), newer.member(), from));
    }
  }

  private void checkStalls(MemberHistory member) {
    for (Holding holding : member.holdings()) {
      long since = holding.from();
      List<Span> spans = holding.spans();
      long next = spans.isEmpty() ? committedAt(holding.partition(), since) : spans.get(0).first();
      for (Span span : spans) {
        stall(member.name(), holding.partition(), next, since, span.from());
        next = span.last() + 1;
        since = span.to();
      }
      stall(member.name(), holding.partition(), next, since, holding.to());
    }
  }

  private void stall(String member, int partition, long next, long since, long until) {
    long available = evidence.produced().availableAt(partition, next);
    judge(member, "read nothing of", partition, Math.max(since, available), until);
  }

  /** From the moment the coordinator counts a live member as the owner until it knows. */
  private void checkTold(Tenure tenure) {
    long until = Math.min(tenure.to(), evidence.produced().end());
    for (Fault fault : evidence.faults()) {
      boolean ends = fault.kind() == Fault.Kind.KILL || fault.kind() == Fault.Kind.LEAVE;
      if (ends && fault.member().equals(tenure.client())) {
        until = Math.min(until, fault.from());
      }
    }
    for (MemberHistory member : evidence.members()) {
      if (member.name().equals(tenure.client())) {
        for (Holding holding : member.holdings()) {
          if (holding.partition() == tenure.partition() && holding.to() >= tenure.from()) {
            until = Math.min(until, holding.from());
          }
        }
      }
    }
    judge(tenure.client(), "did not take", tenure.partition(), tenure.from(), until);
  }

  private void judge(String member, String verb, int partition, long since, long until) {
    long from = Math.max(since, evidence.begin());
    long stalled = until - from;
    for (Fault fault : evidence.faults()) {
      boolean stopped = fault.kind() == Fault.Kind.PAUSE && fault.member().equals(member);
      if (stopped || fault.kind() == Fault.Kind.RESTART) {
        stalled -= fault.overlap(from, until);
      }
    }
    String where =
        "%s %s partition %d from %d to %d ms into the run"
            .formatted(member, verb, partition, from - evidence.begin(), until - evidence.begin());
    if (stalled > LONGEST_STALL_MILLIS) {
      breaches.add(Breach.STALLED, stalled + " ms: " + where);
    }
    if (stalled > longestStall) {
      longestStall = stalled;
      longestStallOf = where;
    }
  }

  private long committedAt(int partition, long at) {
    TreeMap<Long, Long> before = new TreeMap<>();
    for (Commit commit : commits.getOrDefault(partition, List.of())) {
      if (commit.at() <= at) {
        before.put(commit.at(), commit.offset());
      }
    }
    return before.isEmpty() ? 0 : before.lastEntry().getValue();
  }
}
