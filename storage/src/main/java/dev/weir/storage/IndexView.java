package dev.weir.storage;

import dev.weir.storage.disk.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An index as it was at one moment: the entries on disk, then those that were in memory. One
 * thread.
 */
final class IndexView {
  /** A search ends within one block, so its last steps cost no further read. */
  private static final int BLOCK_ENTRIES = 64;

  /** Of any index, whatever the size of its entries. */
  static final int BLOCK_BYTES = BLOCK_ENTRIES * (Long.BYTES + Integer.BYTES);

  private final SparseIndex.Kind kind;
  private final SparseIndex index;
  private final LogFile file;
  private int written;
  private boolean checked;
  private final long[] keys;
  private final int[] values;
  private final int held;
  private @Nullable ByteBuffer block;
  private int blockStart = -1;

  /**
   * @param held how many entries were in memory: the first of the arrays, which stay as they are
   */
  IndexView(
      SparseIndex index, SparseIndex.Kind kind, int written, long[] keys, int[] values, int held) {
    this.index = index;
    this.kind = kind;
    this.file = index.file();
    this.written = written;
    this.keys = keys;
    this.values = values;
    this.held = held;
  }

  /** Has the index read into this buffer instead of one of its own. Before the first search. */
  void readInto(ByteBuffer buffer) {
    block = buffer;
  }

  int count() {
    return written + held;
  }

  long key(int entry) throws IOException {
    return entry < written ? kind.key(blockOf(entry), placeInBlock(entry)) : keys[entry - written];
  }

  int value(int entry) throws IOException {
    return entry < written
        ? kind.value(blockOf(entry), placeInBlock(entry))
        : values[entry - written];
  }

  /** Whether the first entries in the file begin and end as they can. */
  boolean isPlausible(SparseIndex.Bounds bounds) throws IOException {
    int last = bounds.entries() - 1;
    long lastKey = key(last);
    int lastValue = value(last);
    boolean first = key(0) >= 0 && value(0) >= 0;
    boolean rising = last == 0 || (key(0) < lastKey && value(0) < lastValue);
    return first && rising && lastKey <= bounds.maxKey() && lastValue <= bounds.maxValue();
  }

  /** Before the first search: leaves out what is in the file if that is wrong. */
  private void check() throws IOException {
    if (!checked) {
      checked = true;
      if (!index.isRight(this)) {
        written = 0;
      }
    }
  }

  /** The last entry whose key is at most {@code key}, or -1. */
  int floorByKey(long key) throws IOException {
    check();
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
    check();
    int low = near < count() ? near : -1; // it may be of a view that still had entries in the file
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

  /** The block with the entry, read if another one was looked at before. */
  private ByteBuffer blockOf(int entry) throws IOException {
    if (block == null) {
      block = ByteBuffer.allocate(BLOCK_BYTES);
    }
    int start = entry - entry % BLOCK_ENTRIES;
    if (start != blockStart) {
      blockStart = -1;
      int entries = Math.min(BLOCK_ENTRIES, written - start);
      file.readFully(
          block.clear().limit(entries * kind.entryBytes()), (long) start * kind.entryBytes());
      blockStart = start;
    }
    return block;
  }

  private int placeInBlock(int entry) {
    return entry % BLOCK_ENTRIES * kind.entryBytes();
  }
}
