package dev.weir.broker.campaign;

/** What must not happen. */
enum Anomaly {
  /** Acknowledged, and not (or something else) at its offset. */
  LOST,
  /** In the log more than once. */
  DUPLICATED,
  /** Behind a later value of the same sender. */
  REORDERED,
  /** A reader had it, and it is not there any more. */
  VANISHED_AFTER_READ,
  /** In the log and never sent, or sent to another partition, or not what was sent. */
  FOREIGN,
  /** The sender was told that it failed, or a reader's subscription ended. */
  FAILED_CLIENT,
  /** The files are not what a log looks like: a bad checksum, a gap. */
  DAMAGED
}
