package dev.weir.broker.route;

import dev.weir.transport.rsocket.PeerConnection;

/**
 * Who sent a request.
 *
 * @param inbound bound for what of this connection waits for its partition
 */
public record Caller(PeerConnection connection, ByteBudget inbound) {
  /** Where the request came from, for people. */
  public String address() {
    String address = String.valueOf(connection.remoteAddress());
    return address.startsWith("/") ? address.substring(1) : address;
  }
}
