package dev.weir.broker.route;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.transport.rsocket.InboundMessage;
import dev.weir.transport.rsocket.OutboundMessage;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Answers one route for every connection, on event loops: must not block. Owns the messages it is
 * given, also when it throws. Interactions that are not overridden are refused.
 */
public interface RouteHandler {
  default Mono<Void> fireAndForget(Caller caller, InboundMessage message) {
    return Mono.error(refuse(message, "fire-and-forget"));
  }

  default Mono<OutboundMessage> requestResponse(Caller caller, InboundMessage message) {
    return Mono.error(refuse(message, "request-response"));
  }

  default Flux<OutboundMessage> requestStream(Caller caller, InboundMessage message) {
    return Flux.error(refuse(message, "request-stream"));
  }

  /**
   * A stream both ways.
   *
   * @param first to look at only; it comes again in {@code all}
   */
  default Flux<OutboundMessage> requestChannel(
      Caller caller, InboundMessage first, Flux<InboundMessage> all) {
    return Flux.error(refusal(first.route(), "request-channel"));
  }

  private static WeirException refuse(InboundMessage message, String interaction) {
    try (message) {
      return refusal(message.route(), interaction);
    }
  }

  private static WeirException refusal(String route, String interaction) {
    return new WeirException(
        ErrorCode.UNKNOWN_ROUTE, "route '" + route + "' does not offer " + interaction);
  }
}
