package dev.weir.storage;

import dev.weir.storage.disk.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A segment as it was at one moment, pinned, for one search on another thread. Whoever made it ends
 * it once: with {@link #letGo}, or by handing the pin to a range.
 */
final class SegmentView {
  private static final long ANY_OFFSET = -1;

  private final long baseOffset;
  private final long nextOffset;
  private final int size;
  private final LogFile file;
  private final IndexView offsets;
  private final IndexView times;
  private final ReadHints hints;
  private final WarmRanges warmRanges;
  private final Pins pins;
  private final AtomicBoolean taken = new AtomicBoolean();

  private @Nullable ByteBuffer headers;

  /** The entry of the offset index at which this search has arrived. */
  private int entry = -1;

  private ReadHints.@Nullable Hint hint;

  /** In the loop. */
  SegmentView(Segment segment) {
    this.baseOffset = segment.baseOffset();
    this.nextOffset = segment.nextOffset();
    this.size = segment.size();
    this.file = segment.file();
    this.offsets = segment.offsetIndex().view();
    this.times = segment.timeIndex().view();
    this.hints = segment.hints();
    this.warmRanges = segment.warmRanges();
    this.pins = segment.pins();
    pins.pin();
  }

  /** The one use of this view begins. */
  void take() {
    if (!taken.compareAndSet(false, true)) {
      throw new IllegalStateException("this search of " + file + " was run or abandoned already");
    }
  }

  /** Searches by one walk at a time, with the buffers, which are its own until it ends. */
  void useBuffers(ReadBuffers buffers) {
    headers = buffers.headers();
    offsets.readInto(buffers.entries());
  }

  void letGo() {
    pins.unpin();
  }

  /** The range takes over the pin and a hold that the caller has on the file. */
  SegmentRange handOver(int start, int end) {
    return new SegmentRange(pins, file, start, end - start);
  }

  /** A walk that stands on the batch that holds the offset, or on the first one after it. */
  HeaderWalk seek(long offset) throws IOException {
    hint = hints.get(offset);
    try {
      if (hint != null && hint.position() < size) {
        entry = hint.entry();
        return seek(offset, hint.position(), ANY_OFFSET, true);
      }
      entry = offsets.floorByKey(offset - baseOffset);
      int start = entry < 0 ? 0 : offsets.value(entry);
      return start > 0 && start < size
          ? seek(offset, start, baseOffset + offsets.key(entry), false)
          : seek(offset, 0, ANY_OFFSET, false);
    } catch (HeaderWalk.DamagedException indexMayBeWrong) {
      entry = -1;
      return seek(offset, 0, ANY_OFFSET, false);
    }
  }

  /**
   * @param firstEndsAt last offset of the batch at that position as the index has it: a batch that
   *     is reached from the one before is checked against that one instead
   * @param gapAllowed the batch before the position ends below the offset, so this one may begin
   *     above it: compaction took what was between
   */
  private HeaderWalk seek(long offset, int from, long firstEndsAt, boolean gapAllowed)
      throws IOException {
    HeaderWalk walk =
        headers == null
            ? new HeaderWalk(file, size, baseOffset, nextOffset)
            : new HeaderWalk(file, size, baseOffset, nextOffset, headers);
    walk.moveTo(from);
    if (firstEndsAt != ANY_OFFSET && walk.lastOffset() != firstEndsAt) {
      throw new HeaderWalk.DamagedException(
          file + ", byte " + from + ": the index has another last offset than the batch");
    }
    if (from > 0 && !gapAllowed && walk.baseOffset() > offset) {
      throw new HeaderWalk.DamagedException(file + ": the index leads past offset " + offset);
    }
    while (walk.lastOffset() < offset && walk.moveToNext()) {
      // on to the batch that holds the offset
    }
    if (walk.lastOffset() < offset) {
      throw new HeaderWalk.DamagedException(file + ": its last batch ends below offset " + offset);
    }
    return walk;
  }

  /**
   * After a seek: a batch start that is not beyond the byte, with every batch before it below the
   * limit offset; as near to them as the index knows.
   */
  int boundaryBelow(long position, long limitOffset) throws IOException {
    entry = offsets.floorByValue(position, entry);
    long limit = limitOffset - 1 - baseOffset;
    if (limitOffset < nextOffset && entry >= 0 && offsets.key(entry) > limit) {
      entry = offsets.floorByKey(limit); // keys rise: an entry before this one
    }
    return entry < 0 ? 0 : offsets.value(entry);
  }

  /**
   * After a seek: the bytes below this position were seen in the page cache by the read before, a
   * moment ago.
   */
  int residentTo(long nowNanos) {
    return hint != null && nowNanos - hint.seenNanos() < ReadHints.SEEN_FOR_NANOS
        ? hint.residentTo()
        : 0;
  }

  int size() {
    return size;
  }

  /**
   * The read ends here; whoever reads on begins with this offset.
   *
   * @param residentTo the bytes below were in the page cache
   * @param seenNanos at this time
   */
  void endsAt(long offset, int position, int residentTo, long seenNanos) {
    hints.put(new ReadHints.Hint(offset, position, entry, residentTo, seenNanos));
  }

  /** When the bytes that {@link #residentTo} speaks of were seen. */
  long seenNanos() {
    return hint == null ? 0 : hint.seenNanos();
  }

  /** An offset below which every record is older than the timestamp. */
  long offsetBefore(long timestamp) throws IOException {
    int found = times.floorByKey(timestamp - 1);
    if (found < 0) {
      return baseOffset;
    }
    long lastOffset = baseOffset + times.value(found);
    return hasTimestampAt(lastOffset, times.key(found)) ? lastOffset + 1 : baseOffset;
  }

  /**
   * Whether the batch that ends at the offset has this largest timestamp, as the index says. A
   * wrong index would hide records from searches, and let retention take them too early.
   */
  boolean hasTimestampAt(long lastOffset, long timestamp) throws IOException {
    try {
      HeaderWalk walk = seek(lastOffset);
      return walk.lastOffset() == lastOffset && walk.maxTimestamp() == timestamp;
    } catch (HeaderWalk.DamagedException noSuchBatch) {
      return false;
    }
  }

  /** The next to read the same needs no search. */
  void remember(WarmRanges.Located located) {
    warmRanges.add(located);
  }

  LogFile file() {
    return file;
  }
}
