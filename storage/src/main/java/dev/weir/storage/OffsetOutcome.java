package dev.weir.storage;

import dev.weir.core.error.ErrorCode;

/** What {@link OffsetLookup#run} found. */
public sealed interface OffsetOutcome {
  /** The first record whose timestamp (milliseconds since 1970) is not below the one asked for. */
  record Found(long offset, long timestamp) implements OffsetOutcome {}

  /** Every record below the limit is older. */
  record NotFound() implements OffsetOutcome {}

  /** The log cannot be read here; the message is one sentence. */
  record Unavailable(ErrorCode code, String message) implements OffsetOutcome {}
}
