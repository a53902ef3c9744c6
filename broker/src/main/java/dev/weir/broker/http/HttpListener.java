package dev.weir.broker.http;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.transport.rsocket.Strangers;
import dev.weir.transport.rsocket.TransportResources;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.server.WebsocketServerSpec;
import reactor.netty.http.websocket.WebsocketInbound;
import reactor.netty.http.websocket.WebsocketOutbound;

/** The HTTP port: health, metrics, a status page, and RSocket over WebSocket. */
public final class HttpListener {
  private static final Duration STOP_DEADLINE = Duration.ofSeconds(5);
  private static final String TEXT = "text/plain; charset=utf-8";

  private final DisposableServer server;

  private HttpListener(DisposableServer server) {
    this.server = server;
  }

  /**
   * What the port shows.
   *
   * @param ready whether requests are served
   * @param troubles one line for each partition that is not well, shown below "ready"
   * @param metrics Prometheus's text format
   * @param status the page at {@code /}
   */
  public record Pages(
      BooleanSupplier ready,
      Supplier<List<String>> troubles,
      Supplier<String> metrics,
      Supplier<String> status) {}

  /** Gives the WebSocket handler once there is one. */
  public interface WebSockets
      extends Supplier<
          @Nullable BiFunction<WebsocketInbound, WebsocketOutbound, Publisher<Void>>> {}

  /**
   * Binds; blocks until that is done.
   *
   * @throws WeirException INVALID_CONFIG: the address cannot be bound
   */
  public static HttpListener start(
      HttpSettings settings, TransportResources resources, Pages pages, WebSockets webSockets) {
    Strangers strangers = new Strangers(settings.maxConnections(), settings.maxPerAddress());
    HttpServer server =
        resources
            .share(HttpServer.create(), strangers)
            .host(settings.host())
            .port(settings.port())
            .idleTimeout(HttpSettings.IDLE)
            .route(
                routes ->
                    routes
                        .get("/health/live", (request, response) -> text(response, 200, "live\n"))
                        .get("/health/ready", (request, response) -> ready(pages, response))
                        .get(
                            "/metrics",
                            (request, response) -> text(response, 200, pages.metrics().get()))
                        .get("/", (request, response) -> text(response, 200, pages.status().get()))
                        .get(
                            "/rsocket",
                            (request, response) ->
                                upgrade(settings, request, response, webSockets)));
    try {
      return new HttpListener(server.bindNow(STOP_DEADLINE));
    } catch (RuntimeException e) {
      throw new WeirException(
          ErrorCode.INVALID_CONFIG,
          "cannot listen for HTTP on %s:%d: %s"
              .formatted(settings.host(), settings.port(), rootMessage(e)),
          e);
    }
  }

  public InetSocketAddress address() {
    return (InetSocketAddress) server.address();
  }

  public void stop() {
    server.disposeNow(STOP_DEADLINE);
  }

  private static Publisher<Void> ready(Pages pages, HttpServerResponse response) {
    StringBuilder troubles = new StringBuilder();
    pages.troubles().get().forEach(line -> troubles.append(line).append('\n'));
    return pages.ready().getAsBoolean()
        ? text(response, 200, "ready\n" + troubles)
        : text(response, 503, "not ready\n");
  }

  private static Publisher<Void> text(HttpServerResponse response, int status, String body) {
    return response.status(status).header("content-type", TEXT).sendString(Mono.just(body)).then();
  }

  private static Publisher<Void> upgrade(
      HttpSettings settings,
      HttpServerRequest request,
      HttpServerResponse response,
      WebSockets webSockets) {
    String origin = request.requestHeaders().get("origin");
    if (!settings.origins().allow(origin, request.requestHeaders().get("host"), isLocal(request))) {
      return text(
          response,
          403,
          "pages of " + origin + " may not connect here; the setting http.origins allows them\n");
    }
    var handler = webSockets.get();
    if (handler == null) {
      return text(response, 503, "the broker is starting\n");
    }
    return response.sendWebsocket(
        handler,
        WebsocketServerSpec.builder().maxFramePayloadLength(settings.maxFrameBytes()).build());
  }

  private static boolean isLocal(HttpServerRequest request) {
    InetSocketAddress peer = request.remoteAddress();
    return peer != null && peer.getAddress() != null && peer.getAddress().isLoopbackAddress();
  }

  private static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage());
  }
}
