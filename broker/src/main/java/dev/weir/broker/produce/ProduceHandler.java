package dev.weir.broker.produce;

import dev.weir.broker.partition.AppendCounters;
import dev.weir.broker.partition.HostedPartitions;
import dev.weir.broker.route.Caller;
import dev.weir.broker.route.CreditWindow;
import dev.weir.broker.route.Draining;
import dev.weir.broker.route.RouteHandler;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.ProduceHeader;
import dev.weir.replication.AckListener;
import dev.weir.replication.ProduceOutcome;
import dev.weir.replication.RequiredAcks;
import dev.weir.transport.rsocket.InboundMessage;
import dev.weir.transport.rsocket.OutboundMessage;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.publisher.Mono;

/** Route {@code produce}: one batch per message, in three interactions. */
public final class ProduceHandler implements RouteHandler {
  private final BatchIntake intake;
  private final AppendCounters counters;
  private final Draining draining;

  public ProduceHandler(HostedPartitions partitions, AppendCounters counters, Draining draining) {
    this.intake = new BatchIntake(partitions);
    this.counters = counters;
    this.draining = draining;
  }

  @Override
  public Mono<Void> fireAndForget(Caller caller, InboundMessage message) {
    try {
      append(caller, message, RequiredAcks.NONE, this::countLoss);
    } catch (WeirException e) {
      counters.onLost();
    }
    return Mono.empty();
  }

  @Override
  public Mono<OutboundMessage> requestResponse(Caller caller, InboundMessage message) {
    return Mono.create(
        sink -> {
          try {
            ProduceHeader header = BatchIntake.header(message);
            append(
                caller,
                message,
                BatchIntake.acks(header),
                outcome -> {
                  count(outcome);
                  sink.success(ProduceResults.of(header.getCorrelationId(), outcome));
                });
          } catch (WeirException e) {
            message.close();
            counters.onRefused(e.code());
            sink.error(e);
          }
        });
  }

  @Override
  public Flux<OutboundMessage> requestChannel(
      Caller caller, InboundMessage first, Flux<InboundMessage> all) {
    return Flux.defer(
        () -> {
          ProduceChannel channel =
              new ProduceChannel(intake, counters, new CreditWindow(caller.inbound()));
          return Flux.<OutboundMessage>create(
                  results -> channel.start(all, results, draining),
                  FluxSink.OverflowStrategy.BUFFER) // bounded by the credit window
              .doOnNext(delivered -> channel.onDelivered());
        });
  }

  private void append(
      Caller caller, InboundMessage message, RequiredAcks acks, AckListener listener) {
    try {
      var partition = intake.partition(BatchIntake.header(message));
      int bytes = message.sizeInBytes();
      if (!caller.inbound().tryReserve(bytes)) {
        throw caller.inbound().overloaded();
      }
      try {
        BatchIntake.append(
            partition, acks, message, behind -> caller.inbound().release(bytes), listener);
      } catch (WeirException e) {
        caller.inbound().release(bytes);
        throw e;
      }
    } catch (WeirException e) {
      message.close();
      throw e;
    }
  }

  private void countLoss(ProduceOutcome outcome) {
    if (outcome instanceof ProduceOutcome.Failed) {
      counters.onLost();
    }
  }

  private void count(ProduceOutcome outcome) {
    if (outcome instanceof ProduceOutcome.Failed failed) {
      counters.onRefused(failed.code());
    } else {
      counters.onAcknowledged();
    }
  }
}
