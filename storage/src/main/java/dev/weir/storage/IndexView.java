package dev.weir.storage;

import dev.weir.storage.disk.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * An index as it was at one moment: the entries on disk, then those that were in memory. One
 * thread.
 */
final class IndexView {
  /** A search ends within one block, so its last steps cost no further read. */
  private static final int BLOCK_ENTRIES = 64;

  private final SparseIndex.Kind kind;
  private final LogFile file;
  private final int written;
  private final long[] keys;
  private final int[] values;
  private final ByteBuffer block;
  private int blockStart = -1;

  IndexView(SparseIndex.Kind kind, LogFile file, int written, long[] keys, int[] values) {
    this.kind = kind;
    this.file = file;
    this.written = written;
    this.keys = keys;
    this.values = values;
    this.block = ByteBuffer.allocate(BLOCK_ENTRIES * kind.entryBytes());
  }

  int count() {
    return written + keys.length;
  }

  long key(int entry) throws IOException {
    return entry < written ? kind.key(block, placeInBlock(entry)) : keys[entry - written];
  }

  int value(int entry) throws IOException {
    return entry < written ? kind.value(block, placeInBlock(entry)) : values[entry - written];
  }

  /** The last entry whose key is at most {@code key}, or -1. */
  int floorByKey(long key) throws IOException {
    int low = -1;
    int high = count();
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      if (key(middle) <= key) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /**
   * The last entry whose value is at most {@code value}, or -1.
   *
   * @param near an entry with such a value, or -1; the search goes from there and is short when the
   *     answer is near
   */
  int floorByValue(long value, int near) throws IOException {
    int low = near;
    int step = 1;
    while (low + step < count() && value(low + step) <= value) {
      low += step;
      step *= 2;
    }
    int high = Math.min(low + step, count());
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      if (value(middle) <= value) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private int placeInBlock(int entry) throws IOException {
    int start = entry - entry % BLOCK_ENTRIES;
    if (start != blockStart) {
      blockStart = -1;
      int entries = Math.min(BLOCK_ENTRIES, written - start);
      file.readFully(
          block.clear().limit(entries * kind.entryBytes()), (long) start * kind.entryBytes());
      blockStart = start;
    }
    return (entry - blockStart) * kind.entryBytes();
  }
}
