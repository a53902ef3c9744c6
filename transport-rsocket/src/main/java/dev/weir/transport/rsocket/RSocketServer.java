package dev.weir.transport.rsocket;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.BiFunction;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.DisposableServer;
import reactor.netty.http.websocket.WebsocketInbound;
import reactor.netty.http.websocket.WebsocketOutbound;
import reactor.netty.tcp.TcpServer;

/** Listens for RSocket connections on TCP. Any thread. */
public final class RSocketServer {
  private static final int BACKLOG = 512;

  private final DisposableServer listener;
  private final ServerConnections connections;
  private final TransportResources resources;

  private RSocketServer(
      DisposableServer listener, ServerConnections connections, TransportResources resources) {
    this.listener = listener;
    this.connections = connections;
    this.resources = resources;
  }

  /**
   * Binds and starts to accept.
   *
   * @return the running server, or WeirException INVALID_CONFIG when the address cannot be bound
   */
  public static Mono<RSocketServer> start(
      ServerSettings settings, TransportResources resources, ConnectionAcceptor acceptor) {
    ServerConnections connections = new ServerConnections(settings, resources, acceptor);
    return IoLoops.limitUnsent(resources.share(TcpServer.create()))
        .host(settings.host())
        .port(settings.port())
        .option(ChannelOption.SO_BACKLOG, BACKLOG)
        .option(ChannelOption.SO_REUSEADDR, true)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.RECVBUF_ALLOCATOR, IoLoops.receiveBuffers())
        .doOnConnection(connections::onTcp)
        .bind()
        .<RSocketServer>map(listener -> new RSocketServer(listener, connections, resources))
        .onErrorMap(error -> cannotListen(settings, error));
  }

  private static WeirException cannotListen(ServerSettings settings, Throwable error) {
    Throwable cause = error.getCause() == null ? error : error.getCause();
    return new WeirException(
        ErrorCode.INVALID_CONFIG,
        "cannot listen on " + settings.host() + ":" + settings.port() + ": " + cause.getMessage(),
        error);
  }

  /** Where the server listens. */
  public InetSocketAddress address() {
    return (InetSocketAddress) listener.address();
  }

  /** Connections that have finished their SETUP and are open, over TCP and WebSocket. */
  public int connections() {
    return connections.members().size();
  }

  /**
   * Serves RSocket over WebSocket with the same acceptor and bounds; file ranges are copied. For
   * {@code HttpServerResponse.sendWebsocket} or a route, whose specification must allow frames as
   * large as this server's.
   */
  public BiFunction<WebsocketInbound, WebsocketOutbound, Publisher<Void>> webSocketHandler() {
    return (in, out) -> connections.onWebSocket((Connection) in);
  }

  /**
   * Stops accepting, waits until what is queued is written and no request is open, at most for the
   * grace, then closes every connection. Completes when all are closed.
   */
  public Mono<Void> drain(Duration grace) {
    return Mono.defer(
        () -> {
          listener.dispose();
          EventLoop loop = resources.loops().onServer(true).next();
          return new Draining(connections.members(), loop, TransportResources.time(), grace).run();
        });
  }

  /** Drains without grace. */
  public Mono<Void> close() {
    return drain(Duration.ZERO);
  }
}
