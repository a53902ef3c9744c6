package dev.weir.storage;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.record.DecompressionLimits;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.RecordCursor;
import dev.weir.storage.disk.NoDescriptorException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The search for a timestamp in the first segment that reaches it. */
final class TimestampSearch implements OffsetLookup {
  private final SegmentView segment;
  private final long timestamp;
  private final Within within;
  private final DecompressionLimits decompression;

  TimestampSearch(
      SegmentView segment, long timestamp, Within within, DecompressionLimits decompression) {
    this.segment = segment;
    this.timestamp = timestamp;
    this.within = within;
    this.decompression = decompression;
  }

  /** The offsets that may be found. */
  record Within(long startOffset, long limitOffsetExclusive) {}

  @Override
  public OffsetOutcome run() {
    segment.take();
    try {
      return search();
    } catch (NoDescriptorException busy) {
      return new OffsetOutcome.Unavailable(ErrorCode.OVERLOADED, String.valueOf(busy.getMessage()));
    } catch (IOException failure) {
      return new OffsetOutcome.Unavailable(
          ErrorCode.STORAGE_OFFLINE,
          "searching " + segment.file() + " failed: " + failure.getMessage());
    } catch (WeirException unreadable) {
      return new OffsetOutcome.Unavailable(
          unreadable.code(), "searching " + segment.file() + " failed: " + unreadable.getMessage());
    } finally {
      segment.letGo();
    }
  }

  @Override
  public void abandon() {
    segment.take();
    segment.letGo();
  }

  private OffsetOutcome search() throws IOException {
    HeaderWalk walk = segment.seek(segment.offsetBefore(timestamp));
    do {
      if (walk.lastOffset() >= within.limitOffsetExclusive()) {
        break;
      }
      if (walk.maxTimestamp() >= timestamp && walk.lastOffset() >= within.startOffset()) {
        OffsetOutcome outcome = searchBatch(walk);
        if (outcome instanceof OffsetOutcome.Found) {
          return outcome;
        }
      }
    } while (walk.moveToNext());
    return new OffsetOutcome.NotFound();
  }

  private OffsetOutcome searchBatch(HeaderWalk walk) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(walk.batchEnd() - walk.batchStart());
    segment.file().readFully(bytes, walk.batchStart());
    RecordBatch batch = RecordBatch.at(bytes.flip(), 0);
    try (RecordCursor records = batch.records(decompression)) {
      while (records.next()) {
        if (records.timestamp() >= timestamp && records.offset() >= within.startOffset()) {
          return new OffsetOutcome.Found(records.offset(), records.timestamp());
        }
      }
    }
    return new OffsetOutcome.NotFound(); // its record lies below the start
  }
}
