package dev.weir.broker.route;

import dev.weir.core.error.WeirException;

/**
 * How many more batches a producer may send on its channel. Each credit may bring a batch of the
 * largest size, so few are out at once; a credit comes back as soon as its batch's bytes are given
 * up, or, while its partition is behind with its disk, with the answer; unless too many results are
 * unanswered or unread. One credit is always out or earned, so a channel never stands still for
 * good, until as many were granted as a stream is trusted with: then the window is spent and the
 * channel ends.
 *
 * <p>Called by the event loop and by partition loops.
 */
public final class CreditWindow {
  private static final int MOST_CREDITS = 16;
  private static final int FEWEST_CREDITS = 2;

  /** What one credit may bring by default: a batch of {@code max.message.bytes}. */
  private static final long BYTES_PER_CREDIT = (1 << 20) + (64 << 10);

  /** Batches whose result the producer has not read yet. */
  static final int MAX_OPEN = 1024;

  /**
   * Requesters built on rsocket-java take no notice of credits beyond 2^31 - 1 of one stream, so a
   * channel has to end long before.
   */
  private static final long CREDITS_PER_CHANNEL = 1L << 30;

  private final ByteBudget budget;
  private final int credits; // out at once
  private long grantable; // credits that may still be granted
  private int granted; // credits that are out
  private int held; // batches whose bytes are in memory
  private int behind; // batches without bytes whose partition is behind
  private int open; // batches whose result is not delivered

  public CreditWindow(ByteBudget budget) {
    this(budget, CREDITS_PER_CHANNEL);
  }

  /**
   * @param limit how many credits are granted in all
   */
  public CreditWindow(ByteBudget budget, long limit) {
    this.budget = budget;
    this.grantable = limit;
    this.credits =
        (int)
            Math.max(
                FEWEST_CREDITS,
                Math.min(MOST_CREDITS, budget.smallestLimit() / 2 / BYTES_PER_CREDIT));
  }

  /**
   * A message has come.
   *
   * @return false when there is no room for its bytes after all: refuse it, {@link #onReleased} is
   *     not due
   */
  public synchronized boolean onArrived(int bytes) {
    granted--;
    open++;
    if (!budget.tryReserve(bytes)) {
      return false;
    }
    held++;
    return true;
  }

  public WeirException overloaded() {
    return budget.overloaded();
  }

  /** Its bytes have been given up. */
  public synchronized void onReleased(int bytes) {
    held--;
    budget.release(bytes);
  }

  /**
   * Its bytes have been given up, but its partition is behind: the credit comes back with {@link
   * #onCaughtUp}.
   */
  public synchronized void onReleasedBehind(int bytes) {
    onReleased(bytes);
    behind++;
  }

  /** It is answered after all. */
  public synchronized void onCaughtUp() {
    behind--;
  }

  /** Why fewer credits are out than could be, at this moment. */
  public synchronized Throttle throttle() {
    if (open + granted >= MAX_OPEN) {
      return Throttle.RESULTS;
    } else if (budget.isHalfUsed()) {
      return Throttle.MEMORY;
    }
    return behind > 0 ? Throttle.FLUSH : Throttle.NONE;
  }

  /** Credits that are out. */
  public synchronized int granted() {
    return granted;
  }

  /** Its result has left. */
  public synchronized void onDelivered() {
    open--;
  }

  /** Whether all credits this channel will ever get have been used: nothing more can come. */
  public synchronized boolean isSpent() {
    return grantable == 0 && granted == 0;
  }

  /** Takes the credits that may be granted now; the caller passes them on. */
  public synchronized int take() {
    int out = granted + held + behind;
    int most = budget.isHalfUsed() ? 1 : credits;
    int earned = Math.min(most - out, MAX_OPEN - open - granted);
    // Small tops-up would cost a frame each; when little is out every credit counts.
    if (earned <= 0 || (earned < credits / 4 && out > credits / 2)) {
      return 0;
    }
    int allowed = (int) Math.min(earned, grantable);
    grantable -= allowed;
    granted += allowed;
    return allowed;
  }
}
