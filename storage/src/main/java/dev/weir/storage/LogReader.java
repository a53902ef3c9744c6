package dev.weir.storage;

import dev.weir.core.time.Time;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers reads: from memory near the end of the log, else by a search that the caller runs on a
 * read thread.
 */
final class LogReader {
  private final LogSettings settings;
  private final LogContents contents;
  private final RecentBatches recent;
  private final Time time;

  LogReader(LogSettings settings, LogContents contents, RecentBatches recent, Time time) {
    this.settings = settings;
    this.contents = contents;
    this.recent = recent;
    this.time = time;
  }

  ReadOutcome read(long offset, int maxBytes, long limitOffset) {
    if (offset < contents.logStartOffset() || offset > contents.logEndOffset()) {
      return new ReadOutcome.OutOfRange(contents.logStartOffset(), contents.logEndOffset());
    }
    long limit = Math.min(limitOffset, contents.logEndOffset());
    Segment segment = contents.segments().holding(offset);
    if (offset >= limit || segment == null) {
      return ReadOutcome.UpToDate.INSTANCE;
    }
    long batch = recent.holding(offset);
    if (batch >= 0
        && contents.segments().isWithinLast(segment, recent.position(batch), settings.hotBytes())) {
      if (recent.nextOffset(batch) > limit) {
        return ReadOutcome.UpToDate.INSTANCE;
      }
      if (segment.file().holdIfOpen()) {
        return slice(segment, batch, maxBytes, limit);
      }
      // to open it is for a read thread
    }
    WarmRanges.Located warm = segment.warmRanges().warm(offset, maxBytes, time.nanos());
    if (warm != null && warm.nextOffset() <= limit && segment.file().holdIfOpen()) {
      return slice(segment, warm.position(), warm.length(), warm.nextOffset());
    }
    return new ReadOutcome.NeedsDisk(
        new SegmentRead(new SegmentView(segment), offset, maxBytes, limit, time));
  }

  OffsetLookup offsetForTimestamp(long timestamp, long limitOffset) {
    List<OffsetLookup> searches = new ArrayList<>();
    for (Segment segment : contents.segments().all()) {
      if (segment.maxTimestamp() >= timestamp && segment.size() > 0) {
        searches.add(
            new TimestampSearch(
                new SegmentView(segment),
                timestamp,
                new TimestampSearch.Within(contents.logStartOffset(), limitOffset),
                settings.decompression()));
        if (segment.baseOffset() >= contents.logStartOffset()) {
          break;
        }
        // what reaches the timestamp here may all lie below the start
      }
    }
    return new FirstFound(searches);
  }

  private static ReadOutcome slice(Segment segment, int position, int length, long nextOffset) {
    segment.pins().pin();
    return new ReadOutcome.Slice(
        new SegmentRange(segment.pins(), segment.file(), position, length), nextOffset);
  }

  /** With a hold on the segment's file, which the range takes over. */
  private ReadOutcome slice(Segment segment, long first, int maxBytes, long limit) {
    long mostEnd = (long) recent.position(first) + maxBytes;
    long low = first;
    long high = recent.next();
    while (high - low > 1) {
      long middle = (low + high) >>> 1;
      if (recent.nextOffset(middle) <= segment.nextOffset()
          && recent.end(middle) <= mostEnd
          && recent.nextOffset(middle) <= limit) {
        low = middle;
      } else {
        high = middle;
      }
    }
    int start = recent.position(first);
    return slice(segment, start, recent.end(low) - start, recent.nextOffset(low));
  }
}
