package dev.weir.storage;

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

  LogReader(LogSettings settings, LogContents contents, RecentBatches recent) {
    this.settings = settings;
    this.contents = contents;
    this.recent = recent;
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
    return new ReadOutcome.NeedsDisk(
        new SegmentRead(new SegmentView(segment), offset, maxBytes, limit));
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
    segment.pins().pin();
    return new ReadOutcome.Slice(
        new SegmentRange(segment.pins(), segment.file(), start, recent.end(low) - start),
        recent.nextOffset(low));
  }
}
