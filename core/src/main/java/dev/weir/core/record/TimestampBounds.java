package dev.weir.core.record;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.time.Instant;

/**
 * Which create times of producers are believed, against the clock of the broker (Kafka's KIP-937).
 * A record without a timestamp is always taken.
 *
 * @param beforeMaxMillis how far behind the clock a record may be ({@code
 *     message.timestamp.before.max.ms}), {@link #UNLIMITED} for any distance
 * @param afterMaxMillis how far ahead of the clock ({@code message.timestamp.after.max.ms}), {@link
 *     #UNLIMITED} for any distance
 */
public record TimestampBounds(long beforeMaxMillis, long afterMaxMillis) {
  public static final long UNLIMITED = Long.MAX_VALUE;

  /** Whatever a record says. */
  public static final TimestampBounds ANY = new TimestampBounds(UNLIMITED, UNLIMITED);

  /** Kafka's: any time in the past, an hour ahead. */
  public static final TimestampBounds DEFAULT = new TimestampBounds(UNLIMITED, 3_600_000);

  public TimestampBounds {
    if (beforeMaxMillis < 0 || afterMaxMillis < 0) {
      throw new WeirException(
          ErrorCode.INVALID_CONFIG,
          "the bounds of timestamps are not negative: %d before, %d after"
              .formatted(beforeMaxMillis, afterMaxMillis));
    }
  }

  /** The earliest time that is believed now, -1 when any is. */
  long earliest(long nowMillis) {
    return Math.max(BatchLayout.NO_TIMESTAMP, nowMillis - beforeMaxMillis);
  }

  /** The latest time that is believed now. */
  long latest(long nowMillis) {
    return afterMaxMillis > Long.MAX_VALUE - nowMillis
        ? Long.MAX_VALUE
        : nowMillis + afterMaxMillis;
  }

  /**
   * Checks the time of one record.
   *
   * @param timestamp at least -1
   * @param nowMillis the broker's clock
   * @throws WeirException INVALID_TIMESTAMP naming the time, the distance and the bound
   */
  void require(long timestamp, long nowMillis) {
    if (timestamp == BatchLayout.NO_TIMESTAMP) {
      return;
    }
    if (nowMillis - timestamp > beforeMaxMillis) {
      throw outside(timestamp, nowMillis - timestamp, "behind", "before", beforeMaxMillis);
    }
    if (timestamp - nowMillis > afterMaxMillis) {
      throw outside(timestamp, timestamp - nowMillis, "ahead of", "after", afterMaxMillis);
    }
  }

  private static WeirException outside(
      long timestamp, long distance, String direction, String setting, long bound) {
    return new WeirException(
        ErrorCode.INVALID_TIMESTAMP,
        "timestamp %d (%s) is %d ms %s the broker's clock; message.timestamp.%s.max.ms allows %d"
            .formatted(
                timestamp, Instant.ofEpochMilli(timestamp), distance, direction, setting, bound));
  }
}
