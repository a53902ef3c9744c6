package dev.weir.transport.rsocket;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.BiFunction;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.http.websocket.WebsocketInbound;
import reactor.netty.http.websocket.WebsocketOutbound;

/** Listens for RSocket connections on TCP. Any thread. */
public final class RSocketServer {
  private RSocketServer() {}

  /**
   * Binds and starts to accept.
   *
   * @return the running server, or WeirException INVALID_CONFIG when the address cannot be bound
   */
  public static Mono<RSocketServer> start(
      ServerSettings settings, TransportResources resources, ConnectionAcceptor acceptor) {
    return Mono.error(new UnsupportedOperationException());
  }

  /** Where the server listens. */
  public InetSocketAddress address() {
    throw new UnsupportedOperationException();
  }

  /** Connections that have finished their SETUP and are open, over TCP and WebSocket. */
  public int connections() {
    throw new UnsupportedOperationException();
  }

  /**
   * Serves RSocket over WebSocket with the same acceptor and bounds (file ranges are copied); for {@code
   * HttpServerRoutes.ws("/rsocket", …)}.
   */
  public BiFunction<WebsocketInbound, WebsocketOutbound, Publisher<Void>> webSocketHandler() {
    throw new UnsupportedOperationException();
  }

  /**
   * Stops accepting, waits until what is queued is written and no request is open, at most for the grace, then closes
   * every connection. Completes when all are closed.
   */
  public Mono<Void> drain(Duration grace) {
    throw new UnsupportedOperationException();
  }

  /** Drains without grace. */
  public Mono<Void> close() {
    return drain(Duration.ZERO);
  }
}
