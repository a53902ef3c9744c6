package dev.weir.broker.record;

import dev.weir.core.record.RecordCursor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a conflating subscription holds while it is behind, by partition. Bounded by {@link
 * #MAX_BYTES} and by the share of the memory of all subscriptions that may be kept; what does not
 * fit is refused, never dropped. Owned by the subscription's turn.
 *
 * @param <P> a partition
 */
final class ConflatedRecords<P> {
  /** For each subscription. */
  static final int MAX_BYTES = 1 << 20;

  /** Memory is taken and given back so much at a time. */
  private static final int STEP_BYTES = 16 << 10;

  /** A record that is to be delivered now. */
  record Next<P>(P partition, KeptRecord record, long passedOver) {}

  private static final class Kept {
    final LatestByKey records = new LatestByKey();
    long nextOffset = -1;
  }

  private final PieceBudget budget;
  private final Map<P, Kept> byPartition = new HashMap<>();
  private final Deque<P> turns = new ArrayDeque<>(); // partitions that have something
  private long heldBytes;
  private int reservedBytes;
  private boolean full;

  ConflatedRecords(PieceBudget budget) {
    this.budget = budget;
  }

  /**
   * Keeps a copy of the current record, in place of an older one of its key.
   *
   * @return false when there is no room: it is to be offered again when {@link #isFull} is false
   */
  boolean add(P partition, RecordCursor record) {
    Kept kept = byPartition.computeIfAbsent(partition, absent -> new Kept());
    long bytes = KeptRecord.heapBytes(record);
    long after = heldBytes + bytes - kept.records.heapBytes(record.key());
    if (!reserve(after)) {
      full = true;
      return false;
    }
    heldBytes = after;
    if (kept.records.isEmpty()) {
      turns.addLast(partition);
    }
    kept.records.add(KeptRecord.of(record), bytes);
    giveBack(); // the older one may have been larger
    return true;
  }

  /** The partition has been read up to here, whether anything was worth keeping or not. */
  void readTo(P partition, long nextOffset) {
    byPartition.computeIfAbsent(partition, absent -> new Kept()).nextOffset = nextOffset;
  }

  /** The first offset that will still be delivered, or be read. */
  long position(P partition) {
    @Nullable Kept kept = byPartition.get(partition);
    if (kept == null) {
      return -1;
    }
    return kept.records.isEmpty() ? kept.nextOffset : kept.records.firstOffset();
  }

  /** A record did not fit, and nothing has been taken out since. */
  boolean isFull() {
    return full;
  }

  boolean isEmpty() {
    return turns.isEmpty();
  }

  /** By offset within a partition, partitions in turn; null when there is none. */
  @Nullable Next<P> poll() {
    @Nullable P partition = turns.pollFirst();
    @Nullable Kept kept = partition == null ? null : byPartition.get(partition);
    LatestByKey.@Nullable Taken taken = kept == null ? null : kept.records.poll();
    if (partition == null || kept == null || taken == null) {
      return null;
    }
    if (!kept.records.isEmpty()) {
      turns.addLast(partition);
    }
    heldBytes -= taken.heapBytes();
    full = false;
    giveBack();
    return new Next<>(partition, taken.record(), taken.passedOver());
  }

  void close() {
    byPartition.clear();
    turns.clear();
    heldBytes = 0;
    giveBack();
  }

  private boolean reserve(long bytes) {
    if (bytes > MAX_BYTES) {
      return false;
    }
    int needed = steps(bytes) - reservedBytes;
    if (needed > 0) {
      if (!budget.tryKeep(needed)) {
        return false;
      }
      reservedBytes += needed;
    }
    return true;
  }

  private void giveBack() {
    int unused = reservedBytes - steps(heldBytes);
    if (unused > STEP_BYTES || (heldBytes == 0 && unused > 0)) {
      reservedBytes -= unused;
      budget.releaseKept(unused);
    }
  }

  private static int steps(long bytes) {
    return (int) ((bytes + STEP_BYTES - 1) / STEP_BYTES * STEP_BYTES);
  }
}
