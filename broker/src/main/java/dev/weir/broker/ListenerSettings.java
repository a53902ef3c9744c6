package dev.weir.broker;

import java.util.Set;

/**
 * Where the broker listens.
 *
 * @param host address to bind
 * @param port RSocket over TCP; 0 picks a free one
 * @param httpPort HTTP; 0 picks a free one
 * @param advertisedHost what clients are told to connect to; empty: the address that is bound
 * @param origins of web pages that may open a WebSocket, besides those that always may
 */
public record ListenerSettings(
    String host, int port, int httpPort, String advertisedHost, Set<String> origins) {
  public ListenerSettings {
    origins = Set.copyOf(origins);
    Settings.require(!host.isBlank(), SettingKeys.HOST, host, "a host name or address");
    Settings.require(isPort(port), SettingKeys.PORT, port, "0 to 65535");
    Settings.require(isPort(httpPort), SettingKeys.HTTP_PORT, httpPort, "0 to 65535");
  }

  private static boolean isPort(int port) {
    return port >= 0 && port <= 0xffff;
  }
}
