package dev.weir.transport.rsocket;

import java.time.Duration;

/**
 * Where a server listens and what it bears from strangers.
 *
 * @param port 0 picks a free one
 * @param maxFirstFrameBytes largest first frame (the SETUP)
 * @param firstFrameTimeout how long a connection may take to complete its SETUP
 * @param maxUnfinishedSetups connections that may be without a SETUP at once; more are closed when
 *     accepted
 * @param connection bounds of each connection
 */
public record ServerSettings(
    String host,
    int port,
    int maxFirstFrameBytes,
    Duration firstFrameTimeout,
    int maxUnfinishedSetups,
    TransportSettings connection) {

  public ServerSettings {
    if (port < 0 || port > 65535) {
      throw TransportSettings.invalid("port", port, "0 to 65535");
    }
    if (maxFirstFrameBytes < 64 || maxFirstFrameBytes > connection.maxFrameBytes()) {
      throw TransportSettings.invalid(
          "maxFirstFrameBytes", maxFirstFrameBytes, "64 to maxFrameBytes");
    }
    if (firstFrameTimeout.toMillis() < 1) {
      throw TransportSettings.invalid("firstFrameTimeout", firstFrameTimeout, "at least 1 ms");
    }
    if (maxUnfinishedSetups < 1) {
      throw TransportSettings.invalid("maxUnfinishedSetups", maxUnfinishedSetups, "at least 1");
    }
  }

  /** 64 KiB and 5 s for the first frame, 256 unfinished SETUPs. */
  public static ServerSettings at(String host, int port) {
    return new ServerSettings(
        host, port, 64 << 10, Duration.ofSeconds(5), 256, TransportSettings.defaults());
  }

  public ServerSettings withConnection(TransportSettings bounds) {
    return new ServerSettings(
        host, port, maxFirstFrameBytes, firstFrameTimeout, maxUnfinishedSetups, bounds);
  }
}
