package dev.weir.broker.produce;

import dev.weir.core.protocol.ProduceResult;
import dev.weir.replication.ProduceOutcome;
import dev.weir.transport.rsocket.OutboundMessage;
import java.nio.ByteBuffer;

/** Outcomes as messages. */
final class ProduceResults {
  private ProduceResults() {}

  static OutboundMessage of(long correlationId, ProduceOutcome outcome) {
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
    return OutboundMessage.ofHeader(ByteBuffer.wrap(result.build().toByteArray()));
  }
}
