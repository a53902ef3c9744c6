package dev.weir.storage;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.time.Time;
import dev.weir.storage.disk.NoDescriptorException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A read of older batches: found by index and headers, then brought into the page cache. */
final class SegmentRead implements DiskRead {
  private static final int WARM_CHUNK_BYTES = 64 << 10;

  /**
   * How far a look into the page cache goes: most of what it costs, it costs for a page as well as
   * for many.
   */
  private static final int LOOK_AHEAD_BYTES = 1 << 20;

  private final SegmentView segment;
  private final long offset;
  private final int maxBytes;
  private final long limitOffset;
  private final Time time;

  SegmentRead(SegmentView segment, long offset, int maxBytes, long limitOffset, Time time) {
    this.segment = segment;
    this.offset = offset;
    this.maxBytes = maxBytes;
    this.limitOffset = limitOffset;
    this.time = time;
  }

  @Override
  public ReadOutcome run() {
    segment.take();
    segment.useBuffers(ReadBuffers.ofThread());
    boolean held = false;
    boolean handedOver = false;
    try {
      segment.file().hold();
      held = true;
      ReadOutcome outcome = locate();
      handedOver = outcome instanceof ReadOutcome.Slice;
      return outcome;
    } catch (NoDescriptorException busy) {
      return new ReadOutcome.Unavailable(ErrorCode.OVERLOADED, String.valueOf(busy.getMessage()));
    } catch (IOException failure) {
      return new ReadOutcome.Unavailable(
          ErrorCode.STORAGE_OFFLINE,
          "reading offset "
              + offset
              + " of "
              + segment.file()
              + " failed: "
              + failure.getMessage());
    } finally {
      if (held && !handedOver) {
        segment.file().letGo();
      }
      if (!handedOver) {
        segment.letGo();
      }
    }
  }

  @Override
  public void abandon() {
    segment.take();
    segment.letGo();
  }

  private ReadOutcome locate() throws IOException {
    HeaderWalk walk = segment.seek(offset);
    if (walk.lastOffset() < offset) {
      throw new HeaderWalk.DamagedException(
          "the batches with the offsets from " + (walk.lastOffset() + 1) + " on are missing");
    }
    if (walk.lastOffset() >= limitOffset) {
      return ReadOutcome.UpToDate.INSTANCE;
    }
    int start = walk.batchStart();
    int end = walk.batchEnd();
    long nextOffset = walk.lastOffset() + 1;
    long mostEnd = (long) start + maxBytes;
    boolean more = mostEnd - end >= RecordBatch.HEADER_BYTES;
    boolean full = !more;
    int nearEnd = more ? segment.boundaryBelow(mostEnd, limitOffset) : end;
    if (nearEnd > end && stepsTo(walk, nearEnd, nextOffset)) {
      // every batch before an index entry's is in; only the last few have to be looked at
      end = nearEnd;
      nextOffset = walk.baseOffset();
    } else if (more) {
      walk.moveTo(start);
      more = walk.moveToNext();
    }
    while (more && walk.batchEnd() <= mostEnd && walk.lastOffset() < limitOffset) {
      end = walk.batchEnd();
      nextOffset = walk.lastOffset() + 1;
      more = walk.moveToNext();
    }
    long seenNanos = warm(start, end, nextOffset);
    if (full || (more && walk.batchEnd() > mostEnd)) { // no later read gets more
      segment.remember(
          new WarmRanges.Located(offset, maxBytes, start, end - start, nextOffset, seenNanos));
    }
    return new ReadOutcome.Slice(segment.handOver(start, end), nextOffset);
  }

  /** Whether a batch of later offsets starts where the index says; if not, the index is wrong. */
  private static boolean stepsTo(HeaderWalk walk, int position, long lowestOffset)
      throws IOException {
    try {
      walk.moveTo(position);
      return walk.baseOffset() >= lowestOffset;
    } catch (HeaderWalk.DamagedException indexIsWrong) {
      return false;
    }
  }

  /**
   * Brings the bytes into the page cache unless they are there, and leaves a hint.
   *
   * @return when they were seen there
   */
  private long warm(int start, int end, long nextOffset) throws IOException {
    long now = time.nanos();
    int residentTo = segment.residentTo(now);
    long seen = segment.seenNanos();
    if (residentTo < end) {
      int ahead = (int) Math.min(segment.size(), Math.max(end, (long) start + LOOK_AHEAD_BYTES));
      seen = now;
      if (segment.file().isResident(start, ahead - start)) {
        residentTo = ahead;
      } else {
        residentTo = end;
        if (ahead == end || !segment.file().isResident(start, end - start)) {
          read(start, end - start);
        }
      }
    }
    segment.endsAt(nextOffset, end, residentTo, seen);
    return seen;
  }

  /** Not by mapping them: mapped pages would count as our memory. */
  private void read(int start, int length) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(Math.min(WARM_CHUNK_BYTES, length));
    for (int done = 0; done < length; done += chunk.limit()) {
      chunk.clear().limit(Math.min(chunk.capacity(), length - done));
      segment.file().readFully(chunk, (long) start + done);
    }
  }
}
