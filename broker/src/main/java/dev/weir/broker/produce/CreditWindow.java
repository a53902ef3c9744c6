package dev.weir.broker.produce;

import dev.weir.broker.route.ByteBudget;

/**
 * How many more batches a producer may send on its channel. Each credit may bring a batch of the
 * largest size, so few are out at once; a credit comes back as soon as its batch's bytes are given
 * up, unless too many results are unanswered or unread. One credit is always out or earned, so a
 * channel never stands still for good.
 *
 * <p>Called by the event loop and by partition loops.
 */
final class CreditWindow {
  /** Credits that are out at once. */
  static final int CREDITS = 16;

  /** Batches whose result the producer has not read yet. */
  static final int MAX_OPEN = 1024;

  private final ByteBudget budget;
  private int granted; // credits that are out
  private int held; // batches whose bytes are in memory
  private int open; // batches whose result is not delivered

  CreditWindow(ByteBudget budget) {
    this.budget = budget;
  }

  synchronized void onArrived(int bytes) {
    granted--;
    held++;
    open++;
    budget.reserve(bytes);
  }

  synchronized void onReleased(int bytes) {
    held--;
    budget.release(bytes);
  }

  synchronized void onDelivered() {
    open--;
  }

  /** Takes the credits that may be granted now; the caller passes them on. */
  synchronized int take() {
    int out = granted + held;
    int most = budget.isReached() ? 1 : CREDITS;
    int credits = Math.min(most - out, MAX_OPEN - open - granted);
    // Small tops-up would cost a frame each; when little is out every credit counts.
    if (credits <= 0 || (credits < CREDITS / 4 && out > CREDITS / 2)) {
      return 0;
    }
    granted += credits;
    return credits;
  }

  synchronized boolean isIdle() {
    return held == 0 && open == 0;
  }
}
