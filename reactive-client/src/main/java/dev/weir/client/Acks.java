package dev.weir.client;

/** What has happened to a record when its result says that it was sent. */
public enum Acks {
  /**
   * It is as durable as its topic asks for: by default on stable storage of every in-sync replica.
   */
  ALL,
  /** The leader has written it; a crash of that broker may lose it. */
  LEADER,
  /** It left this process; nothing is promised, and its offset stays unknown. */
  NONE
}
