package dev.weir.broker.campaign.groups;

import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;

/**
 * What a run did and what was found.
 *
 * @param rebalances in the order of time, those of the start left out
 * @param duplicates records processed once more
 * @param zombieRecords processed by a member that had been removed and did not know it
 */
record Verdict(
    Breaches breaches,
    Effects effects,
    List<Ownership.Rebalance> rebalances,
    long acknowledged,
    long duplicates,
    long zombieRecords,
    int commits,
    long longestStall,
    String longestStallOf,
    long longestWait) {

  boolean well() {
    return breaches.none();
  }

  /** Two columns, aligned. */
  String table() {
    StringJoiner table = new StringJoiner("\n", "", "\n");
    row(table, "records acknowledged to the producer", "%,d".formatted(acknowledged));
    for (Fault.Kind kind : Fault.Kind.values()) {
      Effects.Tally tally = effects.of(kind);
      row(
          table,
          kind.name().toLowerCase(Locale.ROOT) + ": struck, took effect",
          "%d, %d".formatted(tally.struck(), tally.effective()));
    }
    row(table, "pauses longer than a session: member removed", "%d".formatted(effects.evicted()));
    row(table, "commits in the coordinator's log", "%,d".formatted(commits));
    row(table, "rebalances", "%d".formatted(rebalances.size()));
    row(table, "rebalance ms p50/p99/max", percentiles());
    row(table, "longest stall of a live member, ms", "%,d".formatted(longestStall));
    row(table, "", longestStallOf);
    row(table, "longest wait of a partition, faults included, ms", "%,d".formatted(longestWait));
    row(table, "records processed again", "%,d".formatted(duplicates));
    row(table, "of them by members removed and not aware of it", "%,d".formatted(zombieRecords));
    for (Breach breach : Breach.values()) {
      row(
          table,
          breach.name().toLowerCase(Locale.ROOT).replace('_', ' '),
          "%d".formatted(breaches.count(breach)));
    }
    return table.toString();
  }

  private static void row(StringJoiner table, String name, String value) {
    table.add("%-50s %s".formatted(name, value));
  }

  private String percentiles() {
    List<Long> millis = rebalances.stream().map(Ownership.Rebalance::millis).sorted().toList();
    if (millis.isEmpty()) {
      return "-";
    }
    int last = millis.size() - 1;
    return "%,d/%,d/%,d"
        .formatted(
            millis.get(millis.size() / 2),
            millis.get((int) Math.ceil(millis.size() * 0.99) - 1),
            millis.get(last));
  }
}
