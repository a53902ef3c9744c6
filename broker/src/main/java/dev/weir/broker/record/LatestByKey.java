package dev.weir.broker.record;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Records of one partition that wait for a slow subscriber: of each key the newest, of those
 * without a key all, by offset. Everything below the first has been delivered or was replaced by
 * one that is here, so a reader may go on from its offset and misses no latest value. One thread.
 */
final class LatestByKey {
  /**
   * A record's turn.
   *
   * @param heapBytes as {@link #add} was told
   * @param passedOver records replaced between the record before it and this one
   */
  record Taken(KeptRecord record, long heapBytes, long passedOver) {}

  private static final class Node {
    final KeptRecord record;
    final long heapBytes;
    long passedOver;
    @Nullable Node before;
    @Nullable Node after;

    Node(KeptRecord record, long heapBytes) {
      this.record = record;
      this.heapBytes = heapBytes;
    }
  }

  private Map<ByteBuffer, Node> byKey = new HashMap<>();
  private @Nullable Node first;
  private @Nullable Node last;

  /** What the record waiting with this key takes; 0 when there is none. */
  long heapBytes(@Nullable ByteBuffer key) {
    @Nullable Node waiting = key == null ? null : byKey.get(key);
    return waiting == null ? 0 : waiting.heapBytes;
  }

  /**
   * Takes the place of the record with its key, at the end.
   *
   * @param record of a higher offset than all before
   */
  void add(KeptRecord record, long heapBytes) {
    Node added = new Node(record, heapBytes);
    added.before = last;
    if (last == null) {
      first = added;
    } else {
      last.after = added;
    }
    last = added;
    byte @Nullable [] key = record.key();
    if (key == null) {
      return;
    }
    ByteBuffer mapped = ByteBuffer.wrap(key);
    // removed first: a map keeps the key object it has, and with it the older record's bytes
    @Nullable Node replaced = byKey.remove(mapped);
    byKey.put(mapped, added);
    if (replaced != null) {
      unlink(replaced);
    }
  }

  boolean isEmpty() {
    return first == null;
  }

  /** Of the first record; −1 when there is none. */
  long firstOffset() {
    return first == null ? -1 : first.record.offset();
  }

  /** The record with the lowest offset; null when there is none. */
  @Nullable Taken poll() {
    @Nullable Node taken = first;
    if (taken == null) {
      return null;
    }
    first = taken.after;
    if (first == null) {
      last = null;
      byKey = new HashMap<>(); // its table was as large as its keys were many
    } else {
      first.before = null;
    }
    byte @Nullable [] key = taken.record.key();
    if (key != null) {
      byKey.remove(ByteBuffer.wrap(key));
    }
    return new Taken(taken.record, taken.heapBytes, taken.passedOver);
  }

  /** Never the last: what replaced it comes after it. */
  private void unlink(Node replaced) {
    @Nullable Node before = replaced.before;
    @Nullable Node after = replaced.after;
    if (after == null) {
      throw new IllegalStateException("replaced by nothing");
    }
    after.before = before;
    after.passedOver += replaced.passedOver + 1;
    if (before == null) {
      first = after;
    } else {
      before.after = after;
    }
  }
}
