package dev.weir.client;

import java.time.Duration;

/**
 * When a group's member commits, and how much it hands out without an acknowledgement.
 *
 * @param interval what is acknowledged is committed at latest so long afterwards; shorter costs the
 *     coordinator a flush each time, longer repeats more after a crash
 * @param afterRecords commits sooner once so many records were acknowledged since the last time
 * @param maxUnacknowledged records between the oldest that is not acknowledged and the newest
 *     delivered, per partition; at the bound the partition is not read further. Costs 8 bytes each.
 *     Fewer than what the application processes at a time stalls it
 * @param maxUnacknowledgedBytes the same in bytes of keys and values; one record is always let
 *     through
 * @param atMostOnceRecords records of a partition that {@link WeirConsumer#receiveAtMostOnce}
 *     commits at a time, and loses at most
 * @param closeTimeout how long a subscription that ends tries to commit and to leave
 */
public record CommitSettings(
    Duration interval,
    int afterRecords,
    int maxUnacknowledged,
    long maxUnacknowledgedBytes,
    int atMostOnceRecords,
    Duration closeTimeout) {
  /** Ranges beyond the committed offset that travel with a commit; those above are repeated. */
  static final int MAX_RANGES = 256;

  public CommitSettings {
    requirePositive("interval", interval.toMillis());
    requirePositive("afterRecords", afterRecords);
    requirePositive("maxUnacknowledged", maxUnacknowledged);
    requirePositive("maxUnacknowledgedBytes", maxUnacknowledgedBytes);
    requirePositive("atMostOnceRecords", atMostOnceRecords);
    requirePositive("closeTimeout", closeTimeout.toMillis());
  }

  /**
   * Every second or 100,000 records; 65,536 records or 32 MiB per partition; 500 records at most
   * once; 10 s to close.
   */
  public static CommitSettings defaults() {
    return new CommitSettings(
        Duration.ofSeconds(1), 100_000, 1 << 16, 32L << 20, 500, Duration.ofSeconds(10));
  }

  public CommitSettings withInterval(Duration value) {
    return new CommitSettings(
        value,
        afterRecords,
        maxUnacknowledged,
        maxUnacknowledgedBytes,
        atMostOnceRecords,
        closeTimeout);
  }

  public CommitSettings withAfterRecords(int value) {
    return new CommitSettings(
        interval,
        value,
        maxUnacknowledged,
        maxUnacknowledgedBytes,
        atMostOnceRecords,
        closeTimeout);
  }

  public CommitSettings withMaxUnacknowledged(int records, long bytes) {
    return new CommitSettings(
        interval, afterRecords, records, bytes, atMostOnceRecords, closeTimeout);
  }

  public CommitSettings withAtMostOnceRecords(int value) {
    return new CommitSettings(
        interval, afterRecords, maxUnacknowledged, maxUnacknowledgedBytes, value, closeTimeout);
  }

  public CommitSettings withCloseTimeout(Duration value) {
    return new CommitSettings(
        interval,
        afterRecords,
        maxUnacknowledged,
        maxUnacknowledgedBytes,
        atMostOnceRecords,
        value);
  }

  private static void requirePositive(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be positive, not " + value);
    }
  }
}
