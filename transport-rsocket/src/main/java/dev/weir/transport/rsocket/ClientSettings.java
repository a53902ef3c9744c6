package dev.weir.transport.rsocket;

import dev.weir.core.route.Routes;
import java.time.Duration;

/**
 * How a client connects.
 *
 * @param connectTimeout bound for the TCP connection
 * @param dataMimeType declared to the server
 * @param connection bounds of the connection
 */
public record ClientSettings(
    Duration connectTimeout, String dataMimeType, TransportSettings connection) {

  /** 5 s to connect, protobuf data. */
  public static ClientSettings defaults() {
    return new ClientSettings(
        Duration.ofSeconds(5), Routes.MIME_PROTOBUF, TransportSettings.defaults());
  }
}
