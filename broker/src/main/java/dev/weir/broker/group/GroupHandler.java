package dev.weir.broker.group;

import dev.weir.broker.route.Caller;
import dev.weir.broker.route.Draining;
import dev.weir.broker.route.RouteHandler;
import dev.weir.transport.rsocket.InboundMessage;
import dev.weir.transport.rsocket.OutboundMessage;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;

/** Route {@code group}: one member on each channel. */
final class GroupHandler implements RouteHandler {
  private final GroupCoordinators coordinators;
  private final Draining draining;

  GroupHandler(GroupCoordinators coordinators, Draining draining) {
    this.coordinators = coordinators;
    this.draining = draining;
  }

  @Override
  public Flux<OutboundMessage> requestChannel(
      Caller caller, InboundMessage first, Flux<InboundMessage> all) {
    return Flux.defer(
        () -> {
          GroupChannel channel = new GroupChannel(coordinators, caller);
          return Flux.<OutboundMessage>create(
                  events -> channel.start(all, events, draining),
                  FluxSink.OverflowStrategy.BUFFER) // bounded by the channel
              .doOnNext(delivered -> channel.onDelivered())
              .takeUntilOther(channel.aborted());
        });
  }
}
