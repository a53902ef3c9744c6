package dev.weir.storage;

import dev.weir.core.error.ErrorCode;

/** What a producer's sequence numbers say about a batch. */
sealed interface SequenceVerdict {
  /** It is the producer's next batch, or its producer is not idempotent. */
  record Next() implements SequenceVerdict {
    static final Next INSTANCE = new Next();
  }

  /** It is in the log already, at these offsets. */
  record Repeat(long baseOffset, long lastOffset) implements SequenceVerdict {}

  /** It must not be appended. */
  record Refused(ErrorCode code, String message) implements SequenceVerdict {}
}
