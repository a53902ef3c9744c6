package dev.weir.replication;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;

/** What became of a producer's batch. */
public sealed interface ProduceOutcome {
  /**
   * Stored as the required acknowledgement promises.
   *
   * @param logAppendTime milliseconds since 1970; −1 when the topic keeps the producer's timestamps
   * @param duplicate the batch was stored earlier, at these offsets
   */
  record Stored(long baseOffset, long lastOffset, long logAppendTime, boolean duplicate)
      implements ProduceOutcome {}

  /** Not stored, or (when the code says so) of unknown fate; the message is one sentence. */
  record Failed(ErrorCode code, String message) implements ProduceOutcome {
    /** The same as a value. */
    public static Failed of(WeirException failure) {
      return new Failed(failure.code(), String.valueOf(failure.getMessage()));
    }
  }
}
