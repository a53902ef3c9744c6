package dev.weir.broker.campaign;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Counts of what must not happen, with the first witnesses. Any thread. */
final class Findings {
  private static final int WITNESSES = 32;

  private final Map<Anomaly, Long> counts = new EnumMap<>(Anomaly.class);
  private final List<String> witnesses = new ArrayList<>();

  synchronized void add(Anomaly anomaly, String what) {
    counts.merge(anomaly, 1L, Long::sum);
    if (witnesses.size() < WITNESSES) {
      witnesses.add(anomaly + ": " + what);
    }
  }

  synchronized long count(Anomaly anomaly) {
    return counts.getOrDefault(anomaly, 0L);
  }

  synchronized boolean none() {
    return counts.isEmpty();
  }

  synchronized List<String> witnesses() {
    return List.copyOf(witnesses);
  }
}
