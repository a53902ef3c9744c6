package dev.weir.client;

/**
 * How a producer is held back by its brokers.
 *
 * @param cause what the newest answer said
 * @param credits batches that broker had asked for and not got when it answered; −1 while it holds
 *     nothing back
 * @param answers answers so far that came from a broker which held this producer back
 */
public record Throttling(Cause cause, int credits, long answers) {
  /** Why a broker asks for less than it might. */
  public enum Cause {
    NONE,
    /** Its memory for batches that wait for their partitions is half used. */
    BROKER_MEMORY,
    /** A partition is behind with its disk or its replicas. */
    BROKER_FLUSH,
    /** This producer does not take its results. */
    UNREAD_RESULTS,
    /** Something that this version of the client does not know. */
    OTHER
  }
}
