package dev.weir.broker.control;

import com.google.protobuf.Message;
import dev.weir.broker.route.Caller;
import dev.weir.broker.route.RouteHandler;
import dev.weir.core.error.WeirException;
import dev.weir.transport.rsocket.InboundMessage;
import dev.weir.transport.rsocket.OutboundMessage;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;

/** One control route: a message in, a message out. */
public final class ControlHandler<Q extends Message.Builder> implements RouteHandler {
  /** Does the work of the route; must not block. */
  @FunctionalInterface
  public interface Action<Q> {
    /**
     * Answers.
     *
     * @throws WeirException the request is refused
     */
    CompletionStage<? extends Message> answer(Q request);
  }

  private final Supplier<Q> emptyRequest;
  private final Action<Q> action;

  public ControlHandler(Supplier<Q> emptyRequest, Action<Q> action) {
    this.emptyRequest = emptyRequest;
    this.action = action;
  }

  @Override
  public Mono<OutboundMessage> requestResponse(Caller caller, InboundMessage message) {
    boolean json = caller.connection().isJson();
    Q request = emptyRequest.get();
    try (message) {
      ControlMessages.read(message, json, request);
    }
    return Mono.fromCompletionStage(action.answer(request))
        .onErrorMap(CompletionException.class, Throwable::getCause)
        .map(answer -> ControlMessages.write(answer, json));
  }
}
