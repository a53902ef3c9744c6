package dev.weir.broker.campaign;

import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/** What a campaign did and found. */
final class Report {
  private final String name;
  private final long seed;
  private final List<Long> readyMillis = new ArrayList<>();
  private final List<Long> servedMillis = new ArrayList<>();
  private int cycles;
  private int effective;
  private int withUnacknowledged;
  private long acknowledged;
  private Findings findings = new Findings();

  Report(String name, long seed) {
    this.name = name;
    this.seed = seed;
  }

  void struck(boolean wasEffective, boolean unacknowledgedFound) {
    cycles++;
    effective += wasEffective ? 1 : 0;
    withUnacknowledged += unacknowledgedFound ? 1 : 0;
  }

  void ready(long millis) {
    readyMillis.add(millis);
  }

  /** From the moment the broker was ready to the next acknowledgement. */
  void served(long millis) {
    servedMillis.add(millis);
  }

  void end(long acknowledgedRecords, Findings found) {
    acknowledged = acknowledgedRecords;
    findings = found;
  }

  Findings findings() {
    return findings;
  }

  /** Empty when all is well; also a run that proves nothing is not. */
  List<String> failures() {
    List<String> failures = new ArrayList<>(findings.witnesses());
    if (cycles == 0 || effective < cycles) {
      failures.add("VACUOUS: only %d of %d faults were effective".formatted(effective, cycles));
    }
    if (acknowledged < 100L * cycles) {
      failures.add("VACUOUS: only %d records were acknowledged".formatted(acknowledged));
    }
    return failures;
  }

  /** One line. */
  String summary() {
    StringJoiner line = new StringJoiner(", ", name + ": ", "");
    line.add("%d cycles".formatted(cycles));
    line.add("%d effective".formatted(effective));
    line.add("%d with batches on disk that nobody had an answer for".formatted(withUnacknowledged));
    line.add("%,d records acknowledged".formatted(acknowledged));
    for (Anomaly anomaly : Anomaly.values()) {
      line.add(
          findings.count(anomaly)
              + " "
              + anomaly.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '));
    }
    line.add("process start to ready ms min/median/p99/max " + percentiles(readyMillis));
    line.add("ready to first acknowledgement ms min/median/p99/max " + percentiles(servedMillis));
    line.add("seed " + seed);
    return line.toString();
  }

  private static String percentiles(List<Long> millis) {
    if (millis.isEmpty()) {
      return "-";
    }
    List<Long> sorted = millis.stream().sorted().toList();
    return sorted.get(0)
        + "/"
        + sorted.get(sorted.size() / 2)
        + "/"
        + sorted.get((int) Math.ceil(sorted.size() * 0.99) - 1)
        + "/"
        + sorted.get(sorted.size() - 1);
  }
}
