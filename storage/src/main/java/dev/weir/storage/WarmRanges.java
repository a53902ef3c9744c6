package dev.weir.storage;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Ranges of a segment that were located, and in the page cache, a moment ago. Whoever reads the
 * same place next needs neither an index nor the kernel's answer, so no read thread. Ranges are
 * added by read threads and looked up in the log's loop; one that is overwritten costs a read on a
 * read thread, no more.
 */
final class WarmRanges {
  /**
   * For so long the kernel's answer is believed. A range may wait about as long for its socket
   * after it was found.
   */
  static final long WARM_NANOS = Duration.ofSeconds(1).toNanos();

  private static final int FIRST_SLOTS = 64;

  /** 128 KiB with what is in them, for a segment that many read at once. */
  private static final int MOST_SLOTS = 2048;

  private volatile @Nullable AtomicReferenceArray<@Nullable Located> slots;

  /** Batches that answer a read of at most so many bytes from an offset on, however far it sees. */
  static final class Located {
    private final long offset;
    private final int maxBytes;
    private final int position;
    private final int length;
    private final long nextOffset;
    private final long sinceNanos;
    private boolean used; // in the loop
    private volatile boolean shared;

    /**
     * @param sinceNanos when the kernel was asked
     */
    Located(long offset, int maxBytes, int position, int length, long nextOffset, long sinceNanos) {
      this.offset = offset;
      this.maxBytes = maxBytes;
      this.position = position;
      this.length = length;
      this.nextOffset = nextOffset;
      this.sinceNanos = sinceNanos;
    }

    int position() {
      return position;
    }

    int length() {
      return length;
    }

    long nextOffset() {
      return nextOffset;
    }

    private boolean isWarm(long nowNanos) {
      return nowNanos - sinceNanos < WARM_NANOS;
    }

    private void onUse() {
      if (used) {
        shared = true;
      }
      used = true;
    }
  }

  /** In the log's loop. */
  @Nullable Located warm(long offset, int maxBytes, long nowNanos) {
    AtomicReferenceArray<@Nullable Located> all = slots;
    if (all == null) {
      return null;
    }
    Located found = all.get(slot(offset, maxBytes, all.length()));
    if (found == null
        || found.offset != offset
        || found.maxBytes != maxBytes
        || !found.isWarm(nowNanos)) {
      return null;
    }
    found.onUse();
    return found;
  }

  /** On read threads. */
  synchronized void add(Located located) {
    AtomicReferenceArray<@Nullable Located> all = slots;
    if (all == null) {
      all = new AtomicReferenceArray<>(FIRST_SLOTS);
    }
    int slot = slot(located.offset, located.maxBytes, all.length());
    Located before = all.get(slot);
    // Only what several read is worth more memory: a reader by itself passes a place once.
    if (before != null
        && before.offset != located.offset
        && before.shared
        && before.isWarm(located.sinceNanos)
        && all.length() < MOST_SLOTS) {
      all = grown(all);
      slot = slot(located.offset, located.maxBytes, all.length());
    }
    all.set(slot, located);
    slots = all;
  }

  int capacity() {
    AtomicReferenceArray<@Nullable Located> all = slots;
    return all == null ? 0 : all.length();
  }

  private static AtomicReferenceArray<@Nullable Located> grown(
      AtomicReferenceArray<@Nullable Located> all) {
    AtomicReferenceArray<@Nullable Located> larger = new AtomicReferenceArray<>(2 * all.length());
    for (int i = 0; i < all.length(); i++) {
      Located kept = all.get(i);
      if (kept != null) {
        larger.set(slot(kept.offset, kept.maxBytes, larger.length()), kept);
      }
    }
    return larger;
  }

  private static int slot(long offset, int maxBytes, int slots) {
    long mixed = (offset * 31 + maxBytes) * 0x9e3779b97f4a7c15L;
    return (int) (mixed >>> 40) & (slots - 1);
  }
}
