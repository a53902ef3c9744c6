package dev.weir.storage;

/** How a log was found when it was opened, and so what was done. */
public enum RecoveryCase {
  /** There was no log: an empty one was created. */
  NEW,
  /** Closed cleanly and unchanged since: opened without a scan. */
  CLEAN,
  /** Not closed cleanly, every batch whole: the tail was flushed. */
  WHOLE,
  /** Not closed cleanly, the last write incomplete: the torn tail was cut, the rest flushed. */
  TORN_TAIL,
  /**
   * Bytes that had been flushed are damaged or missing: nothing was changed, the log is offline.
   */
  DAMAGED
}
