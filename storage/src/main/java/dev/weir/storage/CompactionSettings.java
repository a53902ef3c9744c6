package dev.weir.storage;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.time.Duration;

/**
 * Whether only the last record of each key is kept, and when the others go (KIP-58, KIP-354,
 * KIP-534).
 *
 * @param compacts whether the log is compacted ({@code cleanup.policy}); records then need a key
 * @param minLag a record stays at least as long, so that a reader that is not further behind sees
 *     every record ({@code min.compaction.lag.ms})
 * @param maxLag after this time a record may be compacted away however little there is to gain
 *     ({@code max.compaction.lag.ms}), {@link RetentionSettings#FOREVER} for no such bound
 * @param minDirtyRatio the log is cleaned when this share of its bytes has not been ({@code
 *     min.cleanable.dirty.ratio}). Small: the same records are copied again and again; large: more
 *     disk than needed
 * @param deleteRetention how long a tombstone stays after it was first cleaned, and the marker of a
 *     transaction after nothing else was left of it ({@code delete.retention.ms}): a reader from
 *     the start must be through within this time, or may miss a deletion
 */
public record CompactionSettings(
    boolean compacts,
    Duration minLag,
    Duration maxLag,
    double minDirtyRatio,
    Duration deleteRetention) {
  /** Kafka's defaults, for a log that is not compacted. */
  public static final CompactionSettings DEFAULTS =
      new CompactionSettings(
          false, Duration.ZERO, RetentionSettings.FOREVER, 0.5, Duration.ofDays(1));

  /**
   * Checks every value.
   *
   * @throws WeirException INVALID_CONFIG that names the setting and what is allowed
   */
  public CompactionSettings {
    require(!minLag.isNegative(), "min.compaction.lag.ms", "not negative");
    require(maxLag.toMillis() >= 1, "max.compaction.lag.ms", "at least 1");
    require(
        minLag.compareTo(maxLag) <= 0,
        "min.compaction.lag.ms",
        "at most max.compaction.lag.ms, which is " + maxLag.toMillis());
    require(
        minDirtyRatio >= 0 && minDirtyRatio <= 1, "min.cleanable.dirty.ratio", "between 0 and 1");
    require(!deleteRetention.isNegative(), "delete.retention.ms", "not negative");
  }

  public CompactionSettings withCompacts(boolean value) {
    return new CompactionSettings(value, minLag, maxLag, minDirtyRatio, deleteRetention);
  }

  public CompactionSettings withMinLag(Duration lag) {
    return new CompactionSettings(compacts, lag, maxLag, minDirtyRatio, deleteRetention);
  }

  public CompactionSettings withMaxLag(Duration lag) {
    return new CompactionSettings(compacts, minLag, lag, minDirtyRatio, deleteRetention);
  }

  public CompactionSettings withMinDirtyRatio(double ratio) {
    return new CompactionSettings(compacts, minLag, maxLag, ratio, deleteRetention);
  }

  public CompactionSettings withDeleteRetention(Duration time) {
    return new CompactionSettings(compacts, minLag, maxLag, minDirtyRatio, time);
  }

  private static void require(boolean holds, String name, String expected) {
    if (!holds) {
      throw new WeirException(ErrorCode.INVALID_CONFIG, name + " must be " + expected);
    }
  }
}
