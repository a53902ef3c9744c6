package dev.weir.broker.route;

import dev.weir.transport.rsocket.InboundMessage;
import dev.weir.transport.rsocket.OutboundMessage;
import dev.weir.transport.rsocket.RequestHandler;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The requests of one connection on their way to the handlers of their routes. */
final class ConnectionRequests implements RequestHandler {
  private final RouteTable routes;
  private final Caller caller;

  ConnectionRequests(RouteTable routes, Caller caller) {
    this.routes = routes;
    this.caller = caller;
  }

  @Override
  public Mono<Void> fireAndForget(InboundMessage message) {
    return find(message).fireAndForget(caller, message);
  }

  @Override
  public Mono<OutboundMessage> requestResponse(InboundMessage message) {
    return find(message).requestResponse(caller, message);
  }

  @Override
  public Flux<OutboundMessage> requestStream(InboundMessage message) {
    return find(message).requestStream(caller, message);
  }

  @Override
  public Flux<OutboundMessage> requestChannel(InboundMessage first, Flux<InboundMessage> all) {
    return routes.find(first.route()).requestChannel(caller, first, all);
  }

  private RouteHandler find(InboundMessage message) {
    try {
      return routes.find(message.route());
    } catch (RuntimeException e) {
      message.close();
      throw e;
    }
  }
}
