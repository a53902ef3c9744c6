package dev.weir.storage;

import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How old a segment is. Owned by the log's loop.
 *
 * <p>It is as old as its largest timestamp says, which is Kafka's meaning. Timestamps that cannot
 * be true (ahead of the clock, or ten years behind it) say nothing: such a segment is as old as its
 * newest append, counted from the start of the process where that was before, by the monotonic
 * clock, which no change of the wall clock moves.
 */
final class SegmentAge {
  /** Timestamps may claim anything; more would not fit into nanoseconds. */
  private static final long MOST_MILLIS = TimeUnit.DAYS.toMillis(50 * 365);

  private static final long FUTURE_TOLERANCE_MILLIS = TimeUnit.HOURS.toMillis(1);
  private static final long PAST_TOLERANCE_MILLIS = TimeUnit.DAYS.toMillis(3650);

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

  /** The segment takes the place of these, in order. */
  void takeOver(List<Segment> replaced) {
    firstNanos = replaced.get(0).age().firstNanos;
    newestNanos = replaced.get(replaced.size() - 1).age().newestNanos;
  }

  /** Milliseconds since its first batch came. */
  long sinceFirst(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos - firstNanos);
  }

  /** Milliseconds since its newest batch came, or since the log was opened. */
  long sinceNewest(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos - newestNanos);
  }

  /**
   * Milliseconds that the segment's newest record is old.
   *
   * @param nowMillis the time as {@link RetentionClock} has it
   */
  static long of(Segment segment, long nowMillis, long nowNanos) {
    long timestamp = segment.maxTimestamp();
    boolean plausible =
        timestamp >= 0
            && timestamp <= nowMillis + FUTURE_TOLERANCE_MILLIS
            && timestamp >= nowMillis - PAST_TOLERANCE_MILLIS;
    return plausible ? nowMillis - timestamp : segment.age().sinceNewest(nowNanos);
  }
}
