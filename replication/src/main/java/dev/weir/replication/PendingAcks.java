package dev.weir.replication;

import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Batches that are in the log and wait for the high watermark, lowest offset first. A retry of a
 * batch that still waits stands beside it, so appends do not always come in the order of offsets.
 * Bounded in bytes by its owner's question {@link #hasRoomFor}.
 */
final class PendingAcks {
  /** What a waiting acknowledgement costs beside its batch; keeps tiny batches from being free. */
  private static final int BYTES_PER_ACK = 256;

  private final long maxBytes;
  private final PriorityQueue<Pending> queue =
      new PriorityQueue<>(
          Comparator.comparingLong(Pending::lastOffset).thenComparingLong(Pending::sequence));
  private long bytes;
  private long nextSequence;

  PendingAcks(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** One batch always has room, so that a small bound delays and never locks out. */
  boolean hasRoomFor(int batchBytes) {
    return queue.isEmpty() || bytes + batchBytes + BYTES_PER_ACK <= maxBytes;
  }

  boolean isHalfFull() {
    return bytes > maxBytes / 2;
  }

  void add(ProduceOutcome.Stored stored, int batchBytes, AckListener listener) {
    queue.add(new Pending(stored, batchBytes + BYTES_PER_ACK, nextSequence++, listener));
    bytes += batchBytes + BYTES_PER_ACK;
  }

  /** Acknowledges everything whose last offset is below {@code offsetExclusive}. */
  void completeBelow(long offsetExclusive) {
    while (true) {
      @Nullable Pending head = queue.peek();
      if (head == null || head.lastOffset() >= offsetExclusive) {
        return;
      }
      remove().listener().onAcknowledged(head.stored());
    }
  }

  void failAll(ProduceOutcome.Failed failure) {
    while (!queue.isEmpty()) {
      remove().listener().onAcknowledged(failure);
    }
  }

  int size() {
    return queue.size();
  }

  private Pending remove() {
    Pending head = queue.remove();
    bytes -= head.bytes();
    return head;
  }

  private record Pending(
      ProduceOutcome.Stored stored, int bytes, long sequence, AckListener listener) {
    long lastOffset() {
      return stored.lastOffset();
    }
  }
}
