package dev.weir.transport.rsocket;

import io.rsocket.Payload;
import io.rsocket.RSocket;
import java.util.concurrent.CancellationException;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A connection to a broker. Any thread may call; answers come on the connection's event loop, which
 * must not be blocked. Whoever receives a message closes it. Nothing is sent before the returned
 * publisher is subscribed; then the message's buffers are copied.
 *
 * <p>Errors: an ERROR frame of the broker becomes a {@link dev.weir.core.error.WeirException} with
 * its code; a broken connection becomes CONNECTION_LOST on every open request.
 *
 * <p>Demand is clamped to 2^31 - 1. RSocket stalls a stream for ever after 2^31 - 1 credits in
 * total, so a stream that may live long is renewed by its owner before 2^30.
 */
public final class ClientConnection {
  private final RSocket socket;
  private final FrameConnection frames;
  private final OutboundPath path;

  ClientConnection(RSocket socket, FrameConnection frames, OutboundPath path) {
    this.socket = socket;
    this.frames = frames;
    this.path = path;
  }

  /** Connects when subscribed; BROKER_UNAVAILABLE when that fails in time. */
  public static Mono<ClientConnection> connect(
      TransportResources resources, String host, int port, ClientSettings settings) {
    return new Connecting(resources, host, port, settings).run();
  }

  /**
   * Completes when the frame is queued: nothing is known of its arrival and nothing holds the
   * caller back.
   */
  public Mono<Void> fireAndForget(String route, OutboundMessage message) {
    return Mono.defer(() -> socket.fireAndForget(payload(route, message)))
        .onErrorMap(WireErrors::fromWire);
  }

  public Mono<InboundMessage> requestResponse(String route, OutboundMessage message) {
    return Mono.defer(() -> socket.requestResponse(payload(route, message)))
        .map(ClientConnection::message)
        .onErrorMap(WireErrors::fromWire);
  }

  public Flux<InboundMessage> requestStream(String route, OutboundMessage message) {
    return Flux.defer(() -> socket.requestStream(payload(route, message)))
        .map(ClientConnection::message)
        .onErrorMap(WireErrors::fromWire);
  }

  /**
   * The route travels with the first message; the broker's demand, held back by the ledger, is the
   * publisher's.
   */
  public Flux<InboundMessage> requestChannel(String route, Flux<OutboundMessage> messages) {
    return Flux.defer(
            () -> {
              OutboundPath routed = path.withRouteOnFirst(MetadataCodec.routeBytes(route));
              return socket.requestChannel(new StreamGate(messages, routed));
            })
        .onErrorResume(ClientConnection::isEmptyChannel, error -> Flux.empty())
        .map(ClientConnection::message)
        .onErrorMap(WireErrors::fromWire);
  }

  /** RSocket opens a channel with its first message; without one it reports this. */
  private static boolean isEmptyChannel(Throwable error) {
    return error instanceof CancellationException && "Empty Source".equals(error.getMessage());
  }

  private Payload payload(String route, OutboundMessage message) {
    return path.encoder().encode(MetadataCodec.routeBytes(route), message);
  }

  private static InboundMessage message(Payload payload) {
    return PayloadMessage.of(payload, MetadataFormat.COMPOSITE);
  }

  /** Bytes that wait to be written to the socket, with what keeping them costs. */
  public long queuedBytes() {
    return frames.ledger().queued();
  }

  public boolean isOpen() {
    return !frames.isDisposed();
  }

  /** Completes, never with an error, when the connection has ended for whatever reason. */
  public Mono<Void> onClose() {
    return frames.onClose();
  }

  /** Writes what is queued, then closes; open requests fail with CONNECTION_LOST. */
  public void dispose() {
    socket.dispose();
  }

  /** Closes without writing what is queued. */
  public void abort() {
    frames.dispose();
  }
}
