package dev.weir.broker.campaign.groups;

/**
 * What the nemesis did.
 *
 * @param member the name of the process; empty: the broker
 * @param from milliseconds since 1970
 * @param to when it was over: a pause, a restart
 */
record Fault(Kind kind, String member, long from, long to) {
  enum Kind {
    JOIN,
    LEAVE,
    KILL,
    PAUSE,
    RESTART
  }

  /** Milliseconds of a time that lie within this one. */
  long overlap(long start, long end) {
    return Math.max(0, Math.min(end, to) - Math.max(start, from));
  }
}
