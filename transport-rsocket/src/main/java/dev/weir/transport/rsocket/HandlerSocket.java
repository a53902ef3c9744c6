package dev.weir.transport.rsocket;

import io.rsocket.Payload;
import io.rsocket.RSocket;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * RSocket's view of a {@link RequestHandler}: messages in, payloads out, errors as codes. One per
 * connection.
 */
final class HandlerSocket implements RSocket {
  private static final Logger log = LoggerFactory.getLogger(HandlerSocket.class);

  private final RequestHandler handler;
  private final MetadataFormat format;
  private final OutboundPath path;
  private final TransportCounters counters;
  private final OpenRequests open;

  HandlerSocket(
      RequestHandler handler,
      MetadataFormat format,
      OutboundPath path,
      TransportCounters counters,
      OpenRequests open) {
    this.handler = handler;
    this.format = format;
    this.path = path;
    this.counters = counters;
    this.open = open;
  }

  @Override
  public Mono<Void> fireAndForget(Payload payload) {
    return open.count(this.<Mono<Void>>receive(payload, handler::fireAndForget, Mono::error))
        .onErrorResume(
            error -> {
              counters.lostFireAndForget.increment();
              log.debug("a fire-and-forget request failed", error);
              return Mono.empty();
            });
  }

  @Override
  public Mono<Payload> requestResponse(Payload payload) {
    return open.count(
            this.<Mono<OutboundMessage>>receive(payload, handler::requestResponse, Mono::error))
        .flatMap(path::single)
        .onErrorMap(WireErrors::toWire)
        .doOnDiscard(OutboundMessage.class, OutboundMessage::discard);
  }

  @Override
  public Flux<Payload> requestStream(Payload payload) {
    return new StreamGate(
        open.count(
            this.<Flux<OutboundMessage>>receive(payload, handler::requestStream, Flux::error)),
        path);
  }

  @Override
  public Flux<Payload> requestChannel(Publisher<Payload> payloads) {
    return new StreamGate(
        open.count(Flux.using(() -> intake(payloads), this::answer, ChannelIntake::abandon)), path);
  }

  private ChannelIntake intake(Publisher<Payload> payloads) {
    ChannelIntake intake = new ChannelIntake(format);
    payloads.subscribe(intake);
    return intake;
  }

  private Flux<OutboundMessage> answer(ChannelIntake intake) {
    InboundMessage first = intake.first();
    if (first == null) {
      Throwable failure = intake.firstFailure();
      return failure == null ? Flux.empty() : Flux.error(failure);
    }
    return handler.requestChannel(first, intake);
  }

  private interface Call<R> {
    R on(InboundMessage message);
  }

  private interface Refusal<R> {
    R because(Throwable error);
  }

  private <R> R receive(Payload payload, Call<R> call, Refusal<R> refusal) {
    PayloadMessage message;
    try {
      message = PayloadMessage.ofRequest(payload, format);
    } catch (RuntimeException e) {
      return refusal.because(e);
    }
    try {
      return call.on(message);
    } catch (RuntimeException e) {
      message.close();
      return refusal.because(e);
    }
  }
}
