package dev.weir.storage;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Where reads of a segment ended, because a consumer's next read begins there: it then needs no
 * search. Any thread; a hint that is overwritten or wrong costs a search, no more.
 */
final class ReadHints {
  /** More readers than this in one segment take turns in forgetting. */
  private static final int SLOTS = 16;

  /**
   * So long a reader does not look again whether what it was going to read is in the page cache.
   */
  static final long SEEN_FOR_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final AtomicReferenceArray<@Nullable Hint> slots = new AtomicReferenceArray<>(SLOTS);

  /**
   * @param offset where the next read begins
   * @param position where the batch of that offset starts
   * @param entry an entry of the offset index whose position is not beyond it, -1 for its start
   * @param residentTo what lies between the two positions was in the page cache
   * @param seenNanos at this time
   */
  record Hint(long offset, int position, int entry, int residentTo, long seenNanos) {}

  void put(Hint hint) {
    slots.set(slot(hint.offset()), hint);
  }

  @Nullable Hint get(long offset) {
    Hint hint = slots.get(slot(offset));
    return hint != null && hint.offset() == offset ? hint : null;
  }

  private static int slot(long offset) {
    return (int) (offset ^ (offset >>> 8)) & (SLOTS - 1);
  }
}
