package dev.weir.client;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How the failure of a partition's batch is told, so that its sender knows what may be stored. */
record DeliveryErrors(PartitionTarget target, Duration deadline) {
  /** Sent, and no answer in time. */
  WeirException unanswered(@Nullable WeirException last) {
    return unknown(
        "was sent but not acknowledged within "
            + deadline
            + (last == null ? "" : " (" + last.getMessage() + ")"),
        last);
  }

  /** An attempt stayed without an answer, the next was refused. */
  WeirException refusedLater(WeirException refusal) {
    return refusal.code().mayHaveBeenApplied()
        ? refusal
        : unknown(
            "was sent without an answer and refused when it was repeated ("
                + refusal.getMessage()
                + ")",
            refusal);
  }

  /** Not stored, because the broker could not be reached in time. */
  WeirException notStored(@Nullable WeirException unreachable) {
    return new WeirException(
        ErrorCode.BROKER_UNAVAILABLE,
        "a batch for "
            + target
            + " could not be stored within "
            + deadline
            + (unreachable == null ? "" : ": " + unreachable.getMessage()),
        unreachable);
  }

  private WeirException unknown(String what, @Nullable WeirException cause) {
    return new WeirException(
        ErrorCode.OUTCOME_UNKNOWN,
        "a batch for " + target + " " + what + "; it may be in the log",
        cause);
  }
}
