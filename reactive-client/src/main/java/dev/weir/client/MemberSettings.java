package dev.weir.client;

import java.time.Duration;

/**
 * How a member shows itself to its group's coordinator.
 *
 * @param instanceId of a static member (KIP-345): one that comes back under it within the session
 *     timeout takes over its partitions without a rebalance, and that ends an older one of the same
 *     id with FENCED_MEMBER_EPOCH. Empty: a dynamic member
 * @param assignor {@code uniform}, {@code range}, or empty for the group's own
 * @param sessionTimeout without a sign of life for so long the member is removed; zero: the
 *     broker's default
 * @param drainTimeout how long records in hand may take when a partition is taken back; zero: the
 *     broker's default. What is not acknowledged then is repeated by the next owner
 */
public record MemberSettings(
    String instanceId, String assignor, Duration sessionTimeout, Duration drainTimeout) {

  public MemberSettings {
    requireMillis("sessionTimeout", sessionTimeout);
    requireMillis("drainTimeout", drainTimeout);
  }

  /** A dynamic member, with the broker's defaults. */
  public static MemberSettings defaults() {
    return new MemberSettings("", "", Duration.ZERO, Duration.ZERO);
  }

  public MemberSettings withInstanceId(String value) {
    return new MemberSettings(value, assignor, sessionTimeout, drainTimeout);
  }

  public MemberSettings withAssignor(String value) {
    return new MemberSettings(instanceId, value, sessionTimeout, drainTimeout);
  }

  public MemberSettings withSessionTimeout(Duration value) {
    return new MemberSettings(instanceId, assignor, value, drainTimeout);
  }

  public MemberSettings withDrainTimeout(Duration value) {
    return new MemberSettings(instanceId, assignor, sessionTimeout, value);
  }

  boolean isStatic() {
    return !instanceId.isEmpty();
  }

  private static void requireMillis(String name, Duration duration) {
    if (duration.isNegative() || duration.toMillis() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          name + " must be between 0 and " + Integer.MAX_VALUE + " ms, not " + duration);
    }
  }
}
