package dev.weir.replication;

/** When a producer wants to hear that its batch is stored. */
public enum RequiredAcks {
  /** When the high watermark covers it: the topic's durability holds on every in-sync replica. */
  ALL,
  /** When the leader has written it; a crash may still take it back. */
  LEADER,
  /** Not at all; the listener is told as soon as the leader has written or refused it. */
  NONE
}
