package dev.weir.storage;

import dev.weir.core.time.Time;
import java.io.IOException;

/**
 * What time does to a log: its old records go, its active segment is completed for retention or
 * compaction. Lives in the log's loop.
 */
final class LogUpkeep {
  private final LogContents contents;
  private final LogAppender appender;
  private final LogCleaner cleaner;
  private final Time time;

  LogUpkeep(LogContents contents, LogAppender appender, LogCleaner cleaner, Time time) {
    this.contents = contents;
    this.appender = appender;
    this.cleaner = cleaner;
    this.time = time;
  }

  /** See {@link PartitionLog#retain}. */
  void retain(
      RetentionSettings retention, long nowMillis, long limitOffsetExclusive, Flusher flusher) {
    contents.producers().expireBefore(nowMillis - retention.producerExpiration().toMillis());
    long start =
        new Retention(retention, nowMillis, time.nanos()).startOf(contents, limitOffsetExclusive);
    if (start <= contents.logStartOffset()) {
      flusher.request(); // segments below the start may still be there
      return;
    }
    if (start > contents.segments().active().baseOffset()) {
      try {
        appender.roll(flusher); // so that the records can go with their segment
      } catch (IOException failure) {
        return; // nothing has changed; the next call tries again
      }
    }
    var unused = flusher.moveStart(start);
  }

  /** See {@link PartitionLog#cleanable}. */
  CleanableShare cleanable(Compaction compaction, long limitOffsetExclusive, Flusher flusher) {
    if (appender.isOld(contents.segments().active(), time.nanos())) {
      try {
        appender.roll(flusher);
        flusher.request();
      } catch (IOException failure) {
        // nothing has changed; the next call tries again
      }
    }
    return cleaner.share(compaction, limitOffsetExclusive, flusher);
  }
}
