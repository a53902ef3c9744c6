package dev.weir.broker.http;

import java.time.Duration;

/**
 * The HTTP port.
 *
 * @param port 0 picks a free one
 * @param origins of pages that may open a WebSocket
 * @param maxFrameBytes largest frame of a WebSocket
 * @param maxConnections that are no WebSockets, at once; more are closed when accepted
 * @param maxPerAddress of those from one address
 */
public record HttpSettings(
    String host,
    int port,
    Origins origins,
    int maxFrameBytes,
    int maxConnections,
    int maxPerAddress) {
  /** How long a connection may wait for its next request. */
  static final Duration IDLE = Duration.ofSeconds(60);
}
