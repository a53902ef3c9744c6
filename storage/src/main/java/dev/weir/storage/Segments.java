package dev.weir.storage;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A log's segments in order; the last one is active. Owned by the log's loop. */
final class Segments {
  private final TreeMap<Long, Segment> byBaseOffset = new TreeMap<>();
  private @Nullable Segment active;
  private long sealedBytes;

  /** Adds a segment at the end; the one before must be complete. */
  void add(Segment segment) {
    if (active != null) {
      sealedBytes += active.size();
    }
    byBaseOffset.put(segment.baseOffset(), segment);
    active = segment;
  }

  /** Takes out the first segment, which must not be the active one. */
  void removeFirst() {
    sealedBytes -= byBaseOffset.pollFirstEntry().getValue().size();
  }

  /** Puts one segment in the place of others: neighbours, without the active one. */
  void replace(List<Segment> old, Segment by) {
    for (Segment segment : old) {
      byBaseOffset.remove(segment.baseOffset());
      sealedBytes -= segment.size();
    }
    byBaseOffset.put(by.baseOffset(), by);
    sealedBytes += by.size();
  }

  /** Whether this very segment, with the files it has, is a part of the log. */
  boolean contains(Segment segment) {
    return byBaseOffset.get(segment.baseOffset()) == segment;
  }

  /** Puts one segment in place of all that begin at or above the offset; returns those. */
  List<Segment> replaceFrom(long offset, Segment last) {
    var replaced = byBaseOffset.tailMap(offset, true);
    List<Segment> gone = new ArrayList<>(replaced.values());
    replaced.clear();
    sealedBytes = 0;
    byBaseOffset.values().forEach(kept -> sealedBytes += kept.size());
    byBaseOffset.put(last.baseOffset(), last);
    active = last;
    return gone;
  }

  List<Segment> startingAbove(long offset) {
    return new ArrayList<>(byBaseOffset.tailMap(offset, false).values());
  }

  /** The segments that end at or below the offset; never the active one. */
  List<Segment> below(long offset) {
    List<Segment> below = new ArrayList<>();
    @Nullable Segment previous = null;
    for (Segment segment : byBaseOffset.headMap(offset, true).values()) {
      if (previous != null) {
        below.add(previous);
      }
      previous = segment;
    }
    return below;
  }

  boolean isEmpty() {
    return byBaseOffset.isEmpty();
  }

  Segment first() {
    return byBaseOffset.firstEntry().getValue();
  }

  /** The segment that ends where the log ends. */
  Segment lastWithBatches() {
    var before = byBaseOffset.lowerEntry(active().baseOffset());
    return active().size() > 0 || before == null ? active() : before.getValue();
  }

  Segment active() {
    return Objects.requireNonNull(active, "a log has a segment");
  }

  /** The segment that holds the offset, or would if it were there; null below the first. */
  @Nullable Segment holding(long offset) {
    Segment last = active;
    if (last != null && offset >= last.baseOffset()) {
      return last; // where most reads are, without boxing the offset
    }
    var entry = byBaseOffset.floorEntry(offset);
    return entry == null ? null : entry.getValue();
  }

  /** The segment after this one, null for the active one. */
  @Nullable Segment after(Segment segment) {
    if (segment == active) {
      return null;
    }
    var entry = byBaseOffset.higherEntry(segment.baseOffset());
    return entry == null ? null : entry.getValue();
  }

  /** Whether the position is among the newest bytes of the log. */
  boolean isWithinLast(Segment segment, int position, long bytes) {
    long distance = -position;
    for (@Nullable Segment each = segment; each != null; each = after(each)) {
      distance += each.size();
      if (distance > bytes) {
        return false;
      }
    }
    return true;
  }

  Collection<Segment> all() {
    return byBaseOffset.values();
  }

  boolean startsAt(long offset) {
    return byBaseOffset.containsKey(offset);
  }

  long sizeInBytes() {
    return active == null ? 0 : sealedBytes + active.size();
  }
}
