package dev.weir.broker.campaign.groups;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Who owned what, by the coordinator's log; replayed record by record. */
final class Ownership {
  /**
   * A partition's time with one member.
   *
   * @param epoch of the join under which it was assigned
   * @param to {@link Long#MAX_VALUE}: to the end
   * @param removed whether the member was removed, or else gave it up
   */
  record Tenure(
      int partition,
      String memberId,
      String client,
      int epoch,
      long from,
      long to,
      boolean removed) {}

  /** A time in which partitions waited for an owner. */
  record Rebalance(long from, long to) {
    long millis() {
      return to - from;
    }
  }

  private final int partitions;
  private final Breaches breaches;
  private final Map<String, Change> members = new HashMap<>();
  private final Map<Integer, Tenure> current = new HashMap<>();
  private final Map<Integer, String> epochs = new HashMap<>();
  private final List<Tenure> past = new ArrayList<>();
  private final Map<String, List<Long>> removals = new HashMap<>();
  private final List<Rebalance> rebalances = new ArrayList<>();
  private final TreeMap<Long, Integer> unowned = new TreeMap<>();
  private long unsettledSince = -1;

  Ownership(int partitions, Breaches breaches) {
    this.partitions = partitions;
    this.breaches = breaches;
  }

  void apply(Change change) {
    String other = change.gone() ? null : epochs.putIfAbsent(change.epoch(), change.memberId());
    if (other != null && !other.equals(change.memberId())) {
      breaches.add(
          Breach.TWO_OWNERS,
          "epoch %d is of %s and of member %s".formatted(change.epoch(), change.client(), other));
    }
    Change before = members.get(change.memberId());
    if (before != null) {
      for (int partition : before.owned()) {
        if (!change.owned().contains(partition)) {
          giveUp(partition, change);
        }
      }
    }
    for (int partition : change.owned()) {
      take(partition, change);
    }
    if (change.gone()) {
      members.remove(change.memberId());
      String client = before == null ? change.client() : before.client();
      removals.computeIfAbsent(client, key -> new ArrayList<>()).add(change.at());
    } else {
      members.put(change.memberId(), change);
    }
    settle(change.at());
  }

  private void giveUp(int partition, Change change) {
    Tenure tenure = current.get(partition);
    if (tenure != null && tenure.memberId().equals(change.memberId())) {
      current.remove(partition);
      past.add(ended(tenure, change.at(), change.gone()));
    }
  }

  private void take(int partition, Change change) {
    Tenure owner = current.get(partition);
    if (owner != null && owner.memberId().equals(change.memberId())) {
      return;
    }
    if (owner != null) {
      breaches.add(
          Breach.TWO_OWNERS,
          "partition %d was given to %s of epoch %d while %s of epoch %d owned it"
              .formatted(
                  partition, change.client(), change.epoch(), owner.client(), owner.epoch()));
      past.add(ended(owner, change.at(), false));
    }
    current.put(
        partition,
        new Tenure(
            partition,
            change.memberId(),
            change.client(),
            change.epoch(),
            change.at(),
            Long.MAX_VALUE,
            false));
  }

  private static Tenure ended(Tenure tenure, long at, boolean removed) {
    return new Tenure(
        tenure.partition(),
        tenure.memberId(),
        tenure.client(),
        tenure.epoch(),
        tenure.from(),
        at,
        removed);
  }

  private void settle(long at) {
    int without = partitions - current.size();
    unowned.put(at, without);
    boolean drains = members.values().stream().anyMatch(member -> !member.draining().isEmpty());
    boolean unsettled = !members.isEmpty() && (without > 0 || drains);
    if (unsettled && unsettledSince < 0) {
      unsettledSince = at;
    } else if (!unsettled && unsettledSince >= 0) {
      rebalances.add(new Rebalance(unsettledSince, at));
      unsettledSince = -1;
    }
  }

  /** Every partition has an owner, and nobody is giving one up. */
  boolean isSettled() {
    return !members.isEmpty() && unsettledSince < 0;
  }

  /** How many partitions each client owns now; those without one are left out. */
  Map<String, Integer> owners() {
    Map<String, Integer> owners = new TreeMap<>();
    current.values().forEach(tenure -> owners.merge(tenure.client(), 1, Integer::sum));
    return owners;
  }

  List<Tenure> tenures() {
    List<Tenure> all = new ArrayList<>(past);
    all.addAll(current.values());
    return all;
  }

  /** Those that ended. */
  List<Rebalance> rebalances() {
    return Collections.unmodifiableList(rebalances);
  }

  /** Partitions without an owner at a moment. */
  int unownedAt(long at) {
    Map.Entry<Long, Integer> entry = unowned.floorEntry(at);
    return entry == null ? partitions : entry.getValue();
  }

  /** Whether the client was removed from the group within a time, the end included. */
  boolean wasRemoved(String client, long from, long to) {
    return removals.getOrDefault(client, List.of()).stream().anyMatch(at -> at >= from && at <= to);
  }
}
