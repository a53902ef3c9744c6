package dev.weir.transport.rsocket;

import java.time.Duration;

/**
 * What a server bears from connections whose SETUP has not come.
 *
 * @param maxFirstFrameBytes largest first frame (the SETUP)
 * @param firstFrameTimeout how long a connection may take to complete its SETUP
 * @param maxConnections at once; more are closed when accepted
 * @param maxPerAddress of those from one address. Small: a crowd that comes back at once through
 *     one address is let in slowly. Large: one address keeps the others out
 */
public record StrangerSettings(
    int maxFirstFrameBytes, Duration firstFrameTimeout, int maxConnections, int maxPerAddress) {

  public StrangerSettings {
    if (maxFirstFrameBytes < 64) {
      throw TransportSettings.invalid("maxFirstFrameBytes", maxFirstFrameBytes, "at least 64");
    }
    if (firstFrameTimeout.toMillis() < 1) {
      throw TransportSettings.invalid("firstFrameTimeout", firstFrameTimeout, "at least 1 ms");
    }
    if (maxConnections < 1) {
      throw TransportSettings.invalid("maxConnections", maxConnections, "at least 1");
    }
    if (maxPerAddress < 1) {
      throw TransportSettings.invalid("maxPerAddress", maxPerAddress, "at least 1");
    }
  }

  /** 64 KiB and 5 s for the first frame, 256 connections, half of them from one address. */
  public static StrangerSettings defaults() {
    return new StrangerSettings(64 << 10, Duration.ofSeconds(5), 256, 128);
  }

  public StrangerSettings withMost(int connections, int perAddress) {
    return new StrangerSettings(maxFirstFrameBytes, firstFrameTimeout, connections, perAddress);
  }
}
