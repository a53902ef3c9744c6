package dev.weir.broker;

import java.time.Duration;

/**
 * How much clients may open.
 *
 * @param connections open at once, over TCP and WebSocket
 * @param strangers connections whose SETUP has not come; the same for HTTP connections
 * @param strangersPerAddress of those from one address
 * @param connectionStreams streams one connection may have open
 * @param streams all connections together
 * @param stallTimeout how long bytes may wait for a peer that takes none before it is closed
 */
public record ClientLimitSettings(
    int connections,
    int strangers,
    int strangersPerAddress,
    int connectionStreams,
    int streams,
    Duration stallTimeout) {
  public ClientLimitSettings {
    Settings.require(connections >= 1, "connections.max", connections, "at least 1");
    Settings.require(strangers >= 1, "strangers.max", strangers, "at least 1");
    Settings.require(
        strangersPerAddress >= 1, "strangers.address.max", strangersPerAddress, "at least 1");
    Settings.require(
        connectionStreams >= 1, "connection.streams.max", connectionStreams, "at least 1");
    Settings.require(streams >= 1, "streams.max", streams, "at least 1");
    Settings.require(
        stallTimeout.toMillis() >= 100 && stallTimeout.toMillis() <= Integer.MAX_VALUE,
        "stall.timeout.ms",
        stallTimeout.toMillis(),
        "100 to 2147483647");
  }
}
