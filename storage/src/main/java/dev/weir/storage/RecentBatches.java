package dev.weir.storage;

/**
 * Where the newest batches lie, so that a read near the end of the log is answered without the
 * disk. A ring of at most {@link #MAX_BATCHES} (64 KiB); a quiet log stays small. Batches are
 * numbered from 0 in the order they were added. Owned by the log's loop.
 */
final class RecentBatches {
  private static final int FIRST_CAPACITY = 16;
  static final int MAX_BATCHES = 4096;

  /** One past the last offset of each: what lies between two batches belongs to the later one. */
  private long[] nextOffsets = {};

  private int[] positions = {};
  private int[] sizes = {};
  private long first;
  private long firstOffset;
  private long next;

  /**
   * @param previousOffset where the log ended before the batch
   * @param nextOffset where it ends now
   */
  void add(long previousOffset, long nextOffset, int position, int size) {
    if (first == next) {
      firstOffset = previousOffset;
    }
    if (next - first == nextOffsets.length) {
      if (nextOffsets.length < MAX_BATCHES) {
        grow();
      } else {
        firstOffset = nextOffset(first);
        first++;
      }
    }
    int slot = slot(next);
    nextOffsets[slot] = nextOffset;
    positions[slot] = position;
    sizes[slot] = size;
    next++;
  }

  /** Forgets batches that begin below the offset: they do not lie where they lay. */
  void forgetBelow(long offset) {
    while (first < next && nextOffset(first) <= offset) {
      firstOffset = nextOffset(first);
      first++;
    }
  }

  /**
   * The number of the batch that holds the offset or is the first one after it; -1 when that is
   * older than what is remembered, or not there yet.
   */
  long holding(long offset) {
    if (first == next || offset < firstOffset || offset >= nextOffset(next - 1)) {
      return -1;
    }
    long low = first - 1;
    long high = next - 1;
    while (high - low > 1) {
      long middle = (low + high) >>> 1;
      if (nextOffset(middle) <= offset) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }

  /** Forgets all batches. */
  void clear() {
    first = 0;
    next = 0;
  }

  /** One past the newest batch's number. */
  long next() {
    return next;
  }

  /** One past the batch's last offset. */
  long nextOffset(long batch) {
    return nextOffsets[slot(batch)];
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
    return (int) (batch & (nextOffsets.length - 1));
  }

  private void grow() {
    int capacity = Math.max(FIRST_CAPACITY, nextOffsets.length * 2);
    long[] grownOffsets = new long[capacity];
    int[] grownPositions = new int[capacity];
    int[] grownSizes = new int[capacity];
    for (long batch = first; batch < next; batch++) {
      int slot = (int) (batch & (capacity - 1));
      grownOffsets[slot] = nextOffset(batch);
      grownPositions[slot] = position(batch);
      grownSizes[slot] = sizes[slot(batch)];
    }
    nextOffsets = grownOffsets;
    positions = grownPositions;
    sizes = grownSizes;
  }
}
