package dev.weir.storage;

import java.time.Duration;

/**
 * Decides up to where a log's records are not kept any longer. Whole segments only, from the oldest
 * on, up to the first that has to stay.
 *
 * <p>A segment is as old as its largest timestamp says, which is Kafka's meaning. Timestamps that
 * cannot be true (ahead of the clock, or ten years behind it) say nothing: such a segment is as old
 * as its newest append, counted from the start of the process where that was before.
 */
final class Retention {
  private static final long FUTURE_TOLERANCE_MILLIS = Duration.ofHours(1).toMillis();
  private static final long PAST_TOLERANCE_MILLIS = Duration.ofDays(3650).toMillis();

  private final RetentionSettings settings;
  private final long nowMillis;
  private final long nowNanos;

  Retention(RetentionSettings settings, long nowMillis, long nowNanos) {
    this.settings = settings;
    this.nowMillis = nowMillis;
    this.nowNanos = nowNanos;
  }

  /**
   * Where the log may start. In the active segment that is its end, if all of it may go.
   *
   * @param limitOffsetExclusive segments that reach beyond it stay
   */
  long startOf(LogContents contents, long limitOffsetExclusive) {
    long start = contents.logStartOffset();
    if (!settings.deletes()) {
      return start;
    }
    Segments segments = contents.segments();
    long left = segments.sizeInBytes();
    for (Segment segment : segments.all()) {
      if (segment.size() == 0 || segment.nextOffset() > limitOffsetExclusive) {
        break;
      }
      left -= segment.size();
      boolean enoughLeft = segment != segments.active() && left >= settings.maxBytes();
      if (!enoughLeft && ageOf(segment) <= settings.maxAge().toMillis()) {
        break;
      }
      start = Math.max(start, segment.nextOffset());
    }
    return start;
  }

  private long ageOf(Segment segment) {
    long timestamp = segment.maxTimestamp();
    boolean plausible =
        timestamp >= 0
            && timestamp <= nowMillis + FUTURE_TOLERANCE_MILLIS
            && timestamp >= nowMillis - PAST_TOLERANCE_MILLIS;
    return plausible ? nowMillis - timestamp : segment.age().sinceNewest(nowNanos);
  }
}
