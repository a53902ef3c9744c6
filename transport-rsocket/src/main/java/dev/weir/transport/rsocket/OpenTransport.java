package dev.weir.transport.rsocket;

import io.rsocket.DuplexConnection;
import io.rsocket.transport.ClientTransport;
import reactor.core.publisher.Mono;

/** A connection that is open already, as RSocket's connector wants it. */
record OpenTransport(DuplexConnection connection, int maxFrameBytes) implements ClientTransport {
  @Override
  public Mono<DuplexConnection> connect() {
    return Mono.just(connection);
  }

  @Override
  public int maxFrameLength() {
    return maxFrameBytes;
  }
}
