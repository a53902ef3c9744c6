package dev.weir.broker.subscription;

import java.util.Locale;

/** Why a subscription does not go faster. */
public enum WaitCause {
  /** It moves: a message is being made or has just left. */
  NOTHING,
  /** It has everything that may be read; the next record has not been written yet. */
  DATA,
  /** The subscriber has asked for nothing more. */
  DEMAND,
  /** The subscriber has asked for more than its socket takes. */
  SOCKET,
  /** What comes next is being read from the disk. */
  DISK,
  /** The memory that record-level subscriptions share is used up. */
  MEMORY;

  /** As the protocol and the meters write it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
