package dev.weir.storage;

/**
 * What decides how a log is opened.
 *
 * @param existed there were segments
 * @param closedCleanly the marker of a clean shutdown is there and the files are as it says
 * @param whole every batch that was looked at is valid, without gaps between segments
 * @param flushPointKnown the persisted flush point can be read, or there never was one
 * @param reachesFlushPoint the valid batches go at least up to it, as far as it is known
 */
record RecoveryFacts(
    boolean existed,
    boolean closedCleanly,
    boolean whole,
    boolean flushPointKnown,
    boolean reachesFlushPoint) {
  /** The first rule that applies decides. */
  RecoveryCase decide() {
    if (!existed) {
      return flushPointKnown && reachesFlushPoint ? RecoveryCase.NEW : RecoveryCase.DAMAGED;
    }
    if (!reachesFlushPoint || (!whole && !flushPointKnown)) {
      // without the point, what looks like a torn tail may have been flushed
      return RecoveryCase.DAMAGED;
    }
    if (closedCleanly) {
      // all of it had been flushed, so nothing can be torn
      return whole ? RecoveryCase.CLEAN : RecoveryCase.DAMAGED;
    }
    return whole ? RecoveryCase.WHOLE : RecoveryCase.TORN_TAIL;
  }
}
