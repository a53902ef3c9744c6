package dev.weir.broker.campaign.groups;

import dev.weir.broker.campaign.groups.Ownership.Tenure;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which faults did what they are meant to do. */
final class Effects {
  /** Of one kind. */
  record Tally(int struck, int effective) {}

  private final Evidence evidence;
  private final List<Tenure> tenures;
  private final Map<Fault.Kind, Tally> tallies = new EnumMap<>(Fault.Kind.class);
  private int evicted;

  Effects(Evidence evidence, Ownership ownership) {
    this.evidence = evidence;
    this.tenures = ownership.tenures();
    for (Fault fault : evidence.faults()) {
      boolean effective = isEffective(fault);
      tallies.merge(
          fault.kind(),
          new Tally(1, effective ? 1 : 0),
          (a, b) -> new Tally(a.struck() + b.struck(), a.effective() + b.effective()));
      if (fault.kind() == Fault.Kind.PAUSE
          && ownership.wasRemoved(fault.member(), fault.from(), fault.to())) {
        evicted++;
      }
    }
  }

  private boolean isEffective(Fault fault) {
    return switch (fault.kind()) {
      case JOIN -> tenures.stream().anyMatch(tenure -> tenure.client().equals(fault.member()));
      case LEAVE, KILL -> isMoved(fault);
      case PAUSE -> !ownedBy(fault).isEmpty();
      case RESTART -> evidence.commits().stream().anyMatch(commit -> commit.at() > fault.to());
    };
  }

  /** It hit an owner, and somebody else got everything afterwards. */
  private boolean isMoved(Fault fault) {
    Set<Integer> left = ownedBy(fault);
    boolean hit = !left.isEmpty();
    for (Tenure tenure : tenures) {
      if (tenure.from() >= fault.from() && !tenure.client().equals(fault.member())) {
        left.remove(tenure.partition());
      }
    }
    return hit && left.isEmpty();
  }

  private Set<Integer> ownedBy(Fault fault) {
    Set<Integer> owned = new HashSet<>();
    for (Tenure tenure : tenures) {
      if (tenure.client().equals(fault.member())
          && tenure.from() <= fault.from()
          && tenure.to() >= fault.from()) {
        owned.add(tenure.partition());
      }
    }
    return owned;
  }

  Tally of(Fault.Kind kind) {
    return tallies.getOrDefault(kind, new Tally(0, 0));
  }

  /** Pauses so long that the coordinator removed the member. */
  int evicted() {
    return evicted;
  }

  /** Kinds that never struck, or hit the air more often than not. */
  void check(Breaches breaches) {
    for (Fault.Kind kind : Fault.Kind.values()) {
      Tally tally = of(kind);
      boolean missing = tally.struck() == 0 && kind != Fault.Kind.RESTART;
      if (missing || tally.effective() * 2 < tally.struck()) {
        breaches.add(
            Breach.VACUOUS,
            "%d of %d faults of kind %s took effect"
                .formatted(tally.effective(), tally.struck(), kind));
      }
    }
    if (of(Fault.Kind.PAUSE).struck() > 0 && evicted == 0) {
      breaches.add(Breach.VACUOUS, "no pause was longer than a session");
    }
    if (evidence.commits().isEmpty() || evidence.produced().total() == 0) {
      breaches.add(Breach.VACUOUS, "nothing was produced, or nothing committed");
    }
  }
}
