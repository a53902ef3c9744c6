package dev.weir.transport.rsocket;

/** Decides who answers a new connection. */
@FunctionalInterface
public interface ConnectionAcceptor {
  /**
   * Called once per connection, on its event loop, when its SETUP is complete; must not block.
   *
   * @throws dev.weir.core.error.WeirException the connection is refused with this sentence
   */
  RequestHandler accept(PeerConnection connection);
}
