package dev.weir.transport.rsocket;

/**
 * Where a server listens and what it bears from its peers.
 *
 * @param port 0 picks a free one
 * @param maxConnections open at once, over TCP and WebSocket; more are closed when accepted
 * @param maxStreams streams one connection may have open; further requests are refused OVERLOADED
 * @param strangers bounds until the SETUP has come
 * @param connection bounds of each connection
 */
public record ServerSettings(
    String host,
    int port,
    int maxConnections,
    int maxStreams,
    StrangerSettings strangers,
    TransportSettings connection) {

  public ServerSettings {
    if (port < 0 || port > 65535) {
      throw TransportSettings.invalid("port", port, "0 to 65535");
    }
    if (maxConnections < 1) {
      throw TransportSettings.invalid("maxConnections", maxConnections, "at least 1");
    }
    if (maxStreams < 1) {
      throw TransportSettings.invalid("maxStreams", maxStreams, "at least 1");
    }
    if (strangers.maxFirstFrameBytes() > connection.maxFrameBytes()) {
      throw TransportSettings.invalid(
          "maxFirstFrameBytes", strangers.maxFirstFrameBytes(), "64 to maxFrameBytes");
    }
  }

  /** 10,000 connections with 16,384 streams each. */
  public static ServerSettings at(String host, int port) {
    return new ServerSettings(
        host, port, 10_000, 16_384, StrangerSettings.defaults(), TransportSettings.defaults());
  }

  public ServerSettings withConnection(TransportSettings bounds) {
    return new ServerSettings(host, port, maxConnections, maxStreams, strangers, bounds);
  }

  public ServerSettings withStrangers(StrangerSettings bounds) {
    return new ServerSettings(host, port, maxConnections, maxStreams, bounds, connection);
  }

  public ServerSettings withMost(int connections, int streams) {
    return new ServerSettings(host, port, connections, streams, strangers, connection);
  }
}
