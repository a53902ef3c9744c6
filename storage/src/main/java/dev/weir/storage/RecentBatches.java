package dev.weir.storage;

import java.util.Arrays;

/**
 * Where the newest batches lie, so that a read near the end of the log is answered without the
 * disk. A ring of at most {@link #MAX_BATCHES} (64 KiB); a quiet log stays small. Batches are
 * numbered from 0 in the order they were added. Owned by the log's loop.
 */
final class RecentBatches {
  private static final int FIRST_CAPACITY = 16;
  static final int MAX_BATCHES = 4096;

  private long[] baseOffsets = new long[FIRST_CAPACITY];
  private int[] positions = new int[FIRST_CAPACITY];
  private int[] sizes = new int[FIRST_CAPACITY];
  private long first;
  private long next;

  void add(long baseOffset, int position, int size) {
    if (next - first == baseOffsets.length) {
      if (baseOffsets.length < MAX_BATCHES) {
        grow();
      } else {
        first++;
      }
    }
    int slot = slot(next);
    baseOffsets[slot] = baseOffset;
    positions[slot] = position;
    sizes[slot] = size;
    next++;
  }

  /**
   * The number of the batch that holds the offset, or -1 when it is older than what is remembered.
   */
  long holding(long offset) {
    if (first == next || offset < baseOffset(first)) {
      return -1;
    }
    long low = first;
    long high = next;
    while (high - low > 1) {
      long middle = (low + high) >>> 1;
      if (baseOffset(middle) <= offset) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** One past the newest batch's number. */
  long next() {
    return next;
  }

  long baseOffset(long batch) {
    return baseOffsets[slot(batch)];
  }

  /** Where the batch starts in its segment. */
  int position(long batch) {
    return positions[slot(batch)];
  }

  /** Where the batch ends in its segment. */
  int end(long batch) {
    return positions[slot(batch)] + sizes[slot(batch)];
  }

  private int slot(long batch) {
    return (int) (batch & (baseOffsets.length - 1));
  }

  /** Only before anything was dropped, so slot and number agree in the old and the new arrays. */
  private void grow() {
    int capacity = baseOffsets.length * 2;
    baseOffsets = Arrays.copyOf(baseOffsets, capacity);
    positions = Arrays.copyOf(positions, capacity);
    sizes = Arrays.copyOf(sizes, capacity);
  }
}
