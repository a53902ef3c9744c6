package dev.weir.storage;

import dev.weir.core.error.WeirException;
import dev.weir.core.record.RecordBatch;
import dev.weir.storage.disk.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Steps over the batches of a segment by their headers, without reading the records. Blocks on the
 * disk; one thread.
 */
final class HeaderWalk {
  /** The bytes of a header that are read: up to the largest timestamp. */
  private static final int NEEDED_BYTES = 43;

  private static final int LAST_OFFSET_DELTA_AT = 23;
  private static final int MAX_TIMESTAMP_AT = 35;
  static final int WINDOW_BYTES = 4096;

  private final LogFile file;
  private final int end;
  private final long lowest;
  private final long limit;
  private final ByteBuffer window;
  private int windowStart;
  private int position;
  private int size;

  /**
   * @param end bytes of whole batches in the file
   * @param lowest no batch begins below this offset
   * @param limit no batch reaches this offset
   */
  HeaderWalk(LogFile file, int end, long lowest, long limit) {
    this(file, end, lowest, limit, ByteBuffer.allocate(WINDOW_BYTES));
  }

  /**
   * @param window of {@link #WINDOW_BYTES}; the walk's as long as it is used
   */
  HeaderWalk(LogFile file, int end, long lowest, long limit, ByteBuffer window) {
    this.window = window.limit(0);
    this.file = file;
    this.end = end;
    this.lowest = lowest;
    this.limit = limit;
  }

  /**
   * Goes to the batch that starts at a position below the end.
   *
   * @throws DamagedException no batch of this segment starts there
   */
  void moveTo(int batchStart) throws IOException {
    position = batchStart;
    if (batchStart < 0 || batchStart >= end) {
      throw new DamagedException(file + " has no batch at byte " + batchStart);
    }
    if (batchStart < windowStart || batchStart + NEEDED_BYTES > windowStart + window.limit()) {
      load(batchStart);
    }
    try {
      size = RecordBatch.sizeAt(window, batchStart - windowStart);
    } catch (WeirException notABatch) {
      throw new DamagedException(file + ", byte " + batchStart + ": " + notABatch.getMessage());
    }
    if (size < 0 || size > end - batchStart) {
      throw new DamagedException(file + ", byte " + batchStart + ": a batch of " + size + " bytes");
    }
    if (baseOffset() < lowest || lastOffset() < baseOffset() || lastOffset() >= limit) {
      throw new DamagedException(
          file
              + ", byte "
              + batchStart
              + ": offsets "
              + baseOffset()
              + " to "
              + lastOffset()
              + " in a segment of "
              + lowest
              + " to "
              + (limit - 1));
    }
  }

  /**
   * Goes to the next batch; false when the last one ended the file.
   *
   * @throws DamagedException also when the two overlap: one of the base offsets, which no checksum
   *     covers, is wrong
   */
  boolean moveToNext() throws IOException {
    if (batchEnd() == end) {
      return false;
    }
    long last = lastOffset();
    moveTo(batchEnd());
    if (baseOffset() <= last) {
      throw new DamagedException(
          file + ", byte " + position + ": offset " + baseOffset() + " comes after " + last);
    }
    return true;
  }

  int batchStart() {
    return position;
  }

  int batchEnd() {
    return position + size;
  }

  long baseOffset() {
    return window.getLong(position - windowStart);
  }

  long lastOffset() {
    return baseOffset() + window.getInt(position - windowStart + LAST_OFFSET_DELTA_AT);
  }

  long maxTimestamp() {
    return window.getLong(position - windowStart + MAX_TIMESTAMP_AT);
  }

  private void load(int from) throws IOException {
    window.clear().limit(Math.min(WINDOW_BYTES, end - from));
    file.readFully(window, from);
    window.flip();
    windowStart = from;
  }

  /** What lies there is no batch: an index is wrong, or the disk. */
  static final class DamagedException extends IOException {
    private static final long serialVersionUID = 1L;

    DamagedException(String message) {
      super(message);
    }
  }
}
