package dev.weir.transport.rsocket;

import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A connection to a broker. Any thread may call; answers come on the connection's event loop, which must not be
 * blocked. Whoever receives a message closes it.
 *
 * <p>Errors: an ERROR frame of the broker becomes a {@link dev.weir.core.error.WeirException} with its code; a broken
 * connection becomes CONNECTION_LOST on every open request.
 *
 * <p>Demand is clamped to 2^31 - 1. RSocket stalls a stream for ever after 2^31 - 1 credits in total, so a stream that
 * may live long is renewed by its owner before 2^30.
 */
public final class ClientConnection {
  private ClientConnection() {}

  /** Connects when subscribed; BROKER_UNAVAILABLE when that fails in time. */
  public static Mono<ClientConnection> connect(
      TransportResources resources, String host, int port, ClientSettings settings) {
    return Mono.error(new UnsupportedOperationException());
  }

  /** Completes when the frame is queued: nothing is known of its arrival and nothing holds the caller back. */
  public Mono<Void> fireAndForget(String route, OutboundMessage message) {
    return Mono.error(new UnsupportedOperationException());
  }

  public Mono<InboundMessage> requestResponse(String route, OutboundMessage message) {
    return Mono.error(new UnsupportedOperationException());
  }

  public Flux<InboundMessage> requestStream(String route, OutboundMessage message) {
    return Flux.error(new UnsupportedOperationException());
  }

  /** The route travels with the first message; the broker's demand is the publisher's. */
  public Flux<InboundMessage> requestChannel(String route, Flux<OutboundMessage> messages) {
    return Flux.error(new UnsupportedOperationException());
  }

  /** Bytes that wait to be written to the socket. */
  public long queuedBytes() {
    throw new UnsupportedOperationException();
  }

  public boolean isOpen() {
    throw new UnsupportedOperationException();
  }

  /** Completes, never with an error, when the connection has ended for whatever reason. */
  public Mono<Void> onClose() {
    throw new UnsupportedOperationException();
  }

  /** Closes the connection; open requests fail with CONNECTION_LOST. */
  public void dispose() {
    throw new UnsupportedOperationException();
  }
}
