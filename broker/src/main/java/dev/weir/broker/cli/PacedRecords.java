package dev.weir.broker.cli;

import dev.weir.core.time.Time;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Numbers that fall due at a fixed rate whatever happens to those before: an open loop. A number
 * taken late keeps its due time, so that waiting counts as latency.
 */
final class PacedRecords implements Source<Long> {
  private final Time time;
  private final long count;
  private final double intervalNanos;
  private final long startNanos;
  private long next;

  PacedRecords(Time time, long count, int perSecond) {
    this.time = time;
    this.count = count;
    this.intervalNanos = 1e9 / perSecond;
    this.startNanos = time.nanos();
  }

  /** When a number falls due, on the clock of {@link Time#nanos}. */
  long dueNanos(long number) {
    return startNanos + (long) (number * intervalNanos);
  }

  @Override
  public @Nullable Long poll() {
    return next < count && time.nanos() - dueNanos(next) >= 0 ? next++ : null;
  }

  @Override
  public boolean fill() {
    if (next == count) {
      return false;
    }
    LockSupport.parkNanos(this, dueNanos(next) - time.nanos());
    return true;
  }
}
