package dev.weir.broker.group.state;

import java.time.Duration;

/**
 * How groups are coordinated.
 *
 * @param sessionTimeout without a request for so long a member is removed, unless it asks for
 *     another one. Small: a pause of a member costs it its partitions; large: what a stopped member
 *     holds stands still
 * @param heartbeatInterval what members are told; a third of their session at most
 * @param grace how long a member may be without a connection. Small: a short break costs it its
 *     partitions; large: what a dead member holds stands still
 * @param drainTimeout how long a member may take to give partitions up, unless it asks for another
 *     time
 * @param maxMembers of one group
 * @param maxMetadataBytes of a committed offset's metadata, as UTF-8
 * @param retention how long the offsets of a group without members are kept
 */
public record GroupSettings(
    Duration sessionTimeout,
    Duration heartbeatInterval,
    Duration grace,
    Duration drainTimeout,
    int maxMembers,
    int maxMetadataBytes,
    Duration retention) {
  /** Bounds of what members may ask for. */
  public static final int LEAST_TIMEOUT_MILLIS = 100;

  public static final int MOST_TIMEOUT_MILLIS = 30 * 60 * 1000;

  /** Heartbeats that fit into a session. */
  private static final int HEARTBEATS = 3;

  int heartbeatMillis(int sessionMillis) {
    return (int) Math.min(heartbeatInterval.toMillis(), Math.max(1, sessionMillis / HEARTBEATS));
  }
}
