package dev.weir.storage;

import java.util.List;

/** Searches of a log's segments in order, until one finds something. */
record FirstFound(List<OffsetLookup> searches) implements OffsetLookup {
  @Override
  public OffsetOutcome run() {
    OffsetOutcome outcome = new OffsetOutcome.NotFound();
    int used = 0;
    try {
      while (outcome instanceof OffsetOutcome.NotFound && used < searches.size()) {
        outcome = searches.get(used++).run();
      }
      return outcome;
    } finally {
      // also when a search throws: each one holds a segment
      searches.subList(used, searches.size()).forEach(OffsetLookup::abandon);
    }
  }

  @Override
  public void abandon() {
    searches.forEach(OffsetLookup::abandon);
  }
}
