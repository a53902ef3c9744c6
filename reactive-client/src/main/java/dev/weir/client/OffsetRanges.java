package dev.weir.client;

import dev.weir.core.protocol.GroupOffset;
import dev.weir.core.protocol.OffsetRange;
import java.util.List;

/**
 * What former owners of a partition have processed beyond the committed offset. Asked in rising
 * order of offsets; one thread.
 */
final class OffsetRanges {
  static final OffsetRanges NONE = new OffsetRanges(List.of());

  private final List<OffsetRange> ranges; // rising
  private int current; // ranges before it lie below what was asked last

  OffsetRanges(List<OffsetRange> ranges) {
    this.ranges = List.copyOf(ranges);
  }

  boolean contains(long offset) {
    while (current < ranges.size() && ranges.get(current).getLast() < offset) {
      current++;
    }
    return current < ranges.size() && ranges.get(current).getFirst() <= offset;
  }

  /** Adds what lies at or above the offset, which has not been reached yet. */
  void addFrom(long offset, GroupOffset.Builder to, int maxRanges) {
    for (OffsetRange range : ranges) {
      if (range.getLast() >= offset && to.getAcknowledgedCount() < maxRanges) {
        to.addAcknowledged(range.toBuilder().setFirst(Math.max(offset, range.getFirst())).build());
      }
    }
  }
}
