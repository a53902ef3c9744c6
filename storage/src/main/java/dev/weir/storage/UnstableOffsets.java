package dev.weir.storage;

import java.util.Iterator;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which transactions are not decided for readers: those that are open, and those whose marker is in
 * the log but not yet below the high watermark, so that it may still be taken back. Owned by the
 * log's loop.
 */
final class UnstableOffsets {
  private final TreeSet<Long> open = new TreeSet<>();

  /** Marker's offset by first offset. */
  private final TreeMap<Long, Long> ended = new TreeMap<>();

  void onBegin(long firstOffset) {
    open.add(firstOffset);
  }

  /**
   * Returns the first offset of the earliest transaction that is still open, or past the marker.
   */
  long onEnd(long firstOffset, long markerOffset) {
    open.remove(firstOffset);
    ended.put(firstOffset, markerOffset);
    return open.isEmpty() ? markerOffset + 1 : open.first();
  }

  /**
   * Everything below is decided, and below the high watermark. Transactions whose marker the
   * watermark has passed once are decided for good.
   */
  long lastStableOffset(long highWatermark) {
    long stable = highWatermark;
    if (!open.isEmpty()) {
      stable = Math.min(stable, open.first());
    }
    Iterator<Long> markers = ended.values().iterator();
    while (markers.hasNext()) {
      if (markers.next() < highWatermark) {
        markers.remove();
      }
    }
    return ended.isEmpty() ? stable : Math.min(stable, ended.firstKey());
  }
}
