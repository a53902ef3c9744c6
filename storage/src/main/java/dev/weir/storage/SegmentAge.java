package dev.weir.storage;

import java.util.concurrent.TimeUnit;

/**
 * How old a segment is by the monotonic clock, which no change of the wall clock moves. Owned by
 * the log's loop.
 */
final class SegmentAge {
  /** Timestamps may claim anything; more would not fit into nanoseconds. */
  private static final long MOST_MILLIS = TimeUnit.DAYS.toMillis(50 * 365);

  private long firstNanos;
  private long newestNanos;

  /**
   * The segment was there when the log was opened.
   *
   * @param firstMillisAgo how old its first batch claims to be
   */
  void onOpen(long firstMillisAgo, long nanos) {
    long bounded = Math.max(0, Math.min(firstMillisAgo, MOST_MILLIS));
    firstNanos = nanos - TimeUnit.MILLISECONDS.toNanos(bounded);
    newestNanos = nanos;
  }

  void onAppend(boolean first, long nanos) {
    if (first) {
      firstNanos = nanos;
    }
    newestNanos = nanos;
  }

  /** Milliseconds since its first batch came. */
  long sinceFirst(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos - firstNanos);
  }

  /** Milliseconds since its newest batch came, or since the log was opened. */
  long sinceNewest(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos - newestNanos);
  }
}
