package dev.weir.broker.record;

import dev.weir.broker.partition.AppendCounters;
import dev.weir.broker.partition.HostedPartitions;
import dev.weir.broker.partition.RecordAppender;
import dev.weir.broker.route.Caller;
import dev.weir.broker.route.CreditWindow;
import dev.weir.broker.route.Draining;
import dev.weir.broker.route.RouteHandler;
import dev.weir.core.error.WeirException;
import dev.weir.core.route.Routes;
import dev.weir.metadata.TopicImage;
import dev.weir.replication.RequiredAcks;
import dev.weir.transport.rsocket.InboundMessage;
import dev.weir.transport.rsocket.OutboundMessage;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.publisher.Mono;

/**
 * Route {@code topics.{topic}.produce}: one record per message; acks=all where there is an answer.
 */
final class RecordProduceHandler implements RouteHandler {
  private final TopicRoutes topics;
  private final RecordIntake intake;
  private final AppendCounters counters;
  private final Draining draining;

  RecordProduceHandler(
      TopicRoutes topics, HostedPartitions partitions, AppendCounters counters, Draining draining) {
    this.topics = topics;
    this.intake = new RecordIntake(partitions);
    this.counters = counters;
    this.draining = draining;
  }

  @Override
  public Mono<Void> fireAndForget(Caller caller, InboundMessage message) {
    try (message) {
      append(
          caller,
          place(message),
          RequiredAcks.NONE,
          (offset, failure) -> {
            if (failure != null) {
              counters.onLost();
            }
          });
    } catch (WeirException e) {
      counters.onLost();
    }
    return Mono.empty();
  }

  @Override
  public Mono<OutboundMessage> requestResponse(Caller caller, InboundMessage message) {
    RecordIntake.Placed placed;
    try (message) {
      placed = place(message);
    }
    return Mono.create(
        sink ->
            append(
                caller,
                placed,
                RequiredAcks.ALL,
                (offset, failure) -> {
                  if (failure == null) {
                    counters.onAcknowledged();
                    sink.success(
                        OutboundMessage.of(RecordEntryWriter.answer(placed.number(), offset)));
                  } else {
                    counters.onRefused(failure.code());
                    sink.error(failure);
                  }
                }));
  }

  @Override
  public Flux<OutboundMessage> requestChannel(
      Caller caller, InboundMessage first, Flux<InboundMessage> all) {
    TopicImage topic = topics.topic(first.route(), Routes.TOPIC_PRODUCE_SUFFIX);
    return Flux.defer(
        () -> {
          RecordProduceChannel channel =
              new RecordProduceChannel(
                  message -> intake.place(topic, message),
                  counters,
                  new CreditWindow(caller.inbound()));
          return Flux.<OutboundMessage>create(
                  results -> channel.start(all, results, draining),
                  FluxSink.OverflowStrategy.BUFFER) // bounded by the credit window
              .doOnNext(delivered -> channel.onDelivered());
        });
  }

  private RecordIntake.Placed place(InboundMessage message) {
    return intake.place(topics.topic(message.route(), Routes.TOPIC_PRODUCE_SUFFIX), message);
  }

  /** There is no credit on single requests: what exceeds the bound is refused. */
  private static void append(
      Caller caller,
      RecordIntake.Placed placed,
      RequiredAcks acks,
      RecordAppender.Listener listener) {
    int bytes = placed.record().cost();
    if (!caller.inbound().tryReserve(bytes)) {
      throw caller.inbound().overloaded();
    }
    try {
      placed.append(
          acks,
          (offset, failure) -> {
            caller.inbound().release(bytes);
            listener.onResult(offset, failure);
          });
    } catch (WeirException e) {
      caller.inbound().release(bytes);
      throw e;
    }
  }
}
