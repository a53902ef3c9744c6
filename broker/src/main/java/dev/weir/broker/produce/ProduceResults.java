package dev.weir.broker.produce;

import dev.weir.broker.route.Throttle;
import dev.weir.core.protocol.ProduceResult;
import dev.weir.core.protocol.ThrottleCause;
import dev.weir.replication.ProduceOutcome;
import dev.weir.transport.rsocket.OutboundMessage;
import java.nio.ByteBuffer;

/** Outcomes as messages. */
final class ProduceResults {
  private ProduceResults() {}

  static OutboundMessage of(long correlationId, ProduceOutcome outcome) {
    return message(result(correlationId, outcome));
  }

  /**
   * On a channel.
   *
   * @param credits batches that the channel may still bring
   */
  static OutboundMessage of(
      long correlationId, ProduceOutcome outcome, Throttle throttle, int credits) {
    return message(result(correlationId, outcome, throttle, credits));
  }

  static ProduceResult.Builder result(
      long correlationId, ProduceOutcome outcome, Throttle throttle, int credits) {
    ProduceResult.Builder result = result(correlationId, outcome);
    return throttle == Throttle.NONE
        ? result
        : result.setThrottledBy(cause(throttle)).setCredits(credits);
  }

  private static ThrottleCause cause(Throttle throttle) {
    return switch (throttle) {
      case NONE -> ThrottleCause.THROTTLE_NONE;
      case MEMORY -> ThrottleCause.THROTTLE_MEMORY;
      case FLUSH -> ThrottleCause.THROTTLE_FLUSH;
      case RESULTS -> ThrottleCause.THROTTLE_RESULTS;
    };
  }

  private static ProduceResult.Builder result(long correlationId, ProduceOutcome outcome) {
    ProduceResult.Builder result =
        ProduceResult.newBuilder().setCorrelationId(correlationId).setLogStartOffset(-1);
    if (outcome instanceof ProduceOutcome.Stored stored) {
      result
          .setBaseOffset(stored.baseOffset())
          .setLogAppendTime(stored.logAppendTime())
          .setDuplicate(stored.duplicate());
    } else if (outcome instanceof ProduceOutcome.Failed failed) {
      result
          .setError(failed.code().number())
          .setErrorMessage(failed.message())
          .setBaseOffset(-1)
          .setLogAppendTime(-1);
    }
    return result;
  }

  private static OutboundMessage message(ProduceResult.Builder result) {
    return OutboundMessage.ofHeader(ByteBuffer.wrap(result.build().toByteArray()));
  }
}
