package dev.weir.client;

import dev.weir.core.error.WeirException;
import org.jspecify.annotations.Nullable;

/**
 * How far the delivery of one batch has come. Plain facts, kept by its {@link Outbox} on the loop.
 */
final class BatchProgress {
  /** Of the first record. */
  int baseSequence;

  /** Acknowledged, while an earlier batch is not. */
  boolean stored;

  /** Sent and neither answered nor known to be lost. */
  boolean onWire;

  /** Some attempt may have been stored without an answer. */
  boolean ambiguous;

  /**
   * An earlier batch was refused for good, so this one gets other sequences before it is repeated.
   */
  boolean resequence;

  /** What the last failed attempt ended with. */
  @Nullable WeirException lastError;

  long correlationId;
  long sentNanos;
}
