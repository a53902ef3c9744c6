package dev.weir.storage;

/**
 * Decides up to where a log's records are not kept any longer. Whole segments only, from the oldest
 * on, up to the first that has to stay.
 */
final class Retention {
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
      if (!enoughLeft
          && SegmentAge.of(segment, nowMillis, nowNanos) <= settings.maxAge().toMillis()) {
        break;
      }
      start = Math.max(start, segment.nextOffset());
    }
    return start;
  }
}
