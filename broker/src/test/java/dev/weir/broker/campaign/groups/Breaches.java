package dev.weir.broker.campaign.groups;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Counts of what must not happen, with the first witnesses of each kind. Any thread. */
final class Breaches {
  private static final int WITNESSES = 8;

  private final Map<Breach, Integer> counts = new EnumMap<>(Breach.class);
  private final List<String> witnesses = new ArrayList<>();

  synchronized void add(Breach breach, String what) {
    if (counts.merge(breach, 1, Integer::sum) <= WITNESSES) {
      witnesses.add(breach + ": " + what);
    }
  }

  synchronized int count(Breach breach) {
    return counts.getOrDefault(breach, 0);
  }

  synchronized boolean none() {
    return counts.isEmpty();
  }

  synchronized List<String> witnesses() {
    return List.copyOf(witnesses);
  }
}
