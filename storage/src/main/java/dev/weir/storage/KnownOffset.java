package dev.weir.storage;

/** A lookup whose answer needs no search. */
record KnownOffset(OffsetOutcome outcome) implements OffsetLookup {
  @Override
  public OffsetOutcome run() {
    return outcome;
  }

  @Override
  public void abandon() {
    // holds nothing
  }
}
