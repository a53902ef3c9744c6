package dev.weir.storage;

import java.util.ArrayList;
import java.util.List;

/**
 * Decides which part of a log can be cleaned: whole segments, never the active one, nothing that is
 * not flushed or beyond what readers may see, nothing that belongs to an open transaction or lies
 * behind one, nothing younger than {@code min.compaction.lag.ms}.
 */
record Compaction(CompactionSettings settings, long nowMillis, long nowNanos) {
  /** The segments below {@code dirtyFrom} were cleaned before; oldest first, with no gap. */
  record Part(List<Segment> segments, long dirtyFrom, CleanableShare share) {
    long endOffset() {
      return segments.get(segments.size() - 1).nextOffset();
    }
  }

  /**
   * @param cleanedTo up to which offset an earlier cleaning says it came
   */
  Part of(LogContents contents, long cleanedTo, long limitOffsetExclusive) {
    long limit =
        contents.lastStableOffset(Math.min(limitOffsetExclusive, contents.flushedOffset()));
    Segments all = contents.segments();
    long start = contents.logStartOffset();
    // beyond the sealed segments nothing was ever cleaned: such a file is not of this log
    long dirtyFrom = cleanedTo > all.active().baseOffset() ? start : Math.max(start, cleanedTo);
    List<Segment> segments = new ArrayList<>();
    long clean = 0;
    long dirty = 0;
    boolean overdue = false;
    for (Segment segment : all.all()) {
      if (segment.nextOffset() <= start && segment != all.active()) {
        continue; // about to be deleted
      }
      if (segment == all.active() || segment.nextOffset() > limit || isTooYoung(segment)) {
        break;
      }
      segments.add(segment);
      if (segment.nextOffset() <= dirtyFrom) {
        clean += segment.size();
      } else {
        dirty += segment.size();
        overdue |= hasBeenDirtyTooLong(segment);
      }
    }
    return new Part(
        segments, dirtyFrom, new CleanableShare(clean, dirty, overdue, settings.minDirtyRatio()));
  }

  private boolean isTooYoung(Segment segment) {
    long lag = settings.minLag().toMillis();
    return lag > 0 && ageOf(segment) < lag;
  }

  private boolean hasBeenDirtyTooLong(Segment segment) {
    long lag = settings.maxLag().toMillis();
    return ageOf(segment) > lag || segment.age().sinceFirst(nowNanos) > lag;
  }

  private long ageOf(Segment segment) {
    return SegmentAge.of(segment, nowMillis, nowNanos);
  }
}
