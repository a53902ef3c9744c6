package dev.weir.broker.record;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Whole batches of one partition in memory, shared by the subscriptions that read them. Whoever
 * holds it lets go once; the last one gives its bytes back to the budget. Any thread.
 */
final class Piece {
  private final ByteBuffer batches;
  private final long nextOffset;
  private final PieceBudget budget;
  private final AtomicInteger holders = new AtomicInteger(1);

  /**
   * Held by its creator.
   *
   * @param batches its size was acquired from the budget
   * @param nextOffset one past the last offset
   */
  Piece(ByteBuffer batches, long nextOffset, PieceBudget budget) {
    this.batches = batches.asReadOnlyBuffer();
    this.nextOffset = nextOffset;
    this.budget = budget;
  }

  /** Of its own position; the bytes are everybody's. */
  ByteBuffer batches() {
    return batches.duplicate();
  }

  int sizeInBytes() {
    return batches.capacity();
  }

  long nextOffset() {
    return nextOffset;
  }

  /** One more holder. Only for who knows that somebody holds it. */
  Piece hold() {
    if (holders.getAndIncrement() <= 0) {
      throw new IllegalStateException("held after the last holder has let go");
    }
    return this;
  }

  void letGo() {
    int left = holders.decrementAndGet();
    if (left == 0) {
      budget.release(sizeInBytes());
    } else if (left < 0) {
      throw new IllegalStateException("let go more often than held");
    }
  }
}
