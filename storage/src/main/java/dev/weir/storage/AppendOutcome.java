package dev.weir.storage;

import dev.weir.core.error.ErrorCode;

/** What became of a batch handed to {@link PartitionLog#append}. */
public sealed interface AppendOutcome {
  /**
   * In the log (page cache), not yet flushed.
   *
   * @param logAppendTime milliseconds since 1970 that now stand in the batch; −1 when the topic
   *     keeps the producer's timestamps
   */
  record Appended(long baseOffset, long lastOffset, long logAppendTime) implements AppendOutcome {}

  /**
   * One of the producer's last five batches, in the log since earlier, at these offsets; perhaps
   * not flushed yet.
   */
  record Duplicate(long baseOffset, long lastOffset) implements AppendOutcome {}

  /** Not in the log; the message is one sentence for the producer. */
  record Rejected(ErrorCode code, String message) implements AppendOutcome {}
}
