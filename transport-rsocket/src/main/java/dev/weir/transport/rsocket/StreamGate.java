package dev.weir.transport.rsocket;

import io.rsocket.Payload;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;

/**
 * A handler's stream on its way to RSocket: asks the handler for messages only while the
 * connection's ledger has room, and never for more than the peer asked for.
 */
final class StreamGate extends Flux<Payload> {
  private final Flux<OutboundMessage> source;
  private final OutboundPath path;

  StreamGate(Flux<OutboundMessage> source, OutboundPath path) {
    this.source = source;
    this.path = path;
  }

  @Override
  public void subscribe(CoreSubscriber<? super Payload> actual) {
    source.subscribe(new StreamGateSubscriber(actual, path));
  }
}
