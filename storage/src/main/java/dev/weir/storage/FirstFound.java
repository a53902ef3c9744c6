package dev.weir.storage;

import java.util.List;

/** Searches of a log's segments in order, until one finds something. */
record FirstFound(List<OffsetLookup> searches) implements OffsetLookup {
  @Override
  public OffsetOutcome run() {
    OffsetOutcome outcome = new OffsetOutcome.NotFound();
    for (OffsetLookup search : searches) {
      if (outcome instanceof OffsetOutcome.NotFound) {
        outcome = search.run();
      } else {
        search.abandon();
      }
    }
    return outcome;
  }

  @Override
  public void abandon() {
    searches.forEach(OffsetLookup::abandon);
  }
}
