package dev.weir.transport.rsocket;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Answers the requests of one connection. Called on the connection's event loop: must not block.
 * The handler owns every message it is given, also when it answers with an error; methods that are
 * not overridden close it and answer UNKNOWN_ROUTE.
 *
 * <p>A {@link WeirException} becomes an ERROR frame with its code and sentence; anything else that
 * is thrown or signalled is logged and becomes INTERNAL. Either ends its stream, never the
 * connection.
 */
public interface RequestHandler {
  /** The requester hears nothing of the outcome; a failure is counted. */
  default Mono<Void> fireAndForget(InboundMessage message) {
    return Mono.error(refuse(message, "fire-and-forget"));
  }

  /** One answer. */
  default Mono<OutboundMessage> requestResponse(InboundMessage message) {
    return Mono.error(refuse(message, "request-response"));
  }

  /**
   * A stream of answers. The transport asks for no more than the subscriber asked for, and for less
   * while bytes of this connection wait to be written.
   */
  default Flux<OutboundMessage> requestStream(InboundMessage message) {
    return Flux.error(refuse(message, "request-stream"));
  }

  /**
   * A stream both ways.
   *
   * @param first for looking at only (its route, its header): it comes again as the first element
   *     of {@code all}, which is where it is owned and closed
   * @param all every message including the first; to be subscribed at most once; its demand is the
   *     peer's credit
   */
  default Flux<OutboundMessage> requestChannel(InboundMessage first, Flux<InboundMessage> all) {
    return Flux.error(unknownRoute(first.route(), "request-channel"));
  }

  private static WeirException refuse(InboundMessage message, String interaction) {
    WeirException refusal = unknownRoute(message.route(), interaction);
    message.close();
    return refusal;
  }

  private static WeirException unknownRoute(String route, String interaction) {
    return new WeirException(
        ErrorCode.UNKNOWN_ROUTE, "route '" + route + "' does not offer " + interaction);
  }
}
