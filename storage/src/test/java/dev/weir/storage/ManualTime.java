package dev.weir.storage;

import dev.weir.core.time.Time;
import java.time.Duration;

/** Two clocks that move only when told to: together, or the wall clock by itself. */
final class ManualTime implements Time {
  private long wallMillis = 1_700_000_000_000L;
  private long nanos;

  @Override
  public long wallMillis() {
    return wallMillis;
  }

  @Override
  public long nanos() {
    return nanos;
  }

  void pass(Duration time) {
    wallMillis += time.toMillis();
    nanos += time.toNanos();
  }

  /** Somebody sets the wall clock. */
  void jump(Duration by) {
    wallMillis += by.toMillis();
  }
}
