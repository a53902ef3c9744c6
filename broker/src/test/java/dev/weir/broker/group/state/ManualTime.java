package dev.weir.broker.group.state;

import dev.weir.core.time.Time;
import java.time.Duration;

/** Both clocks stand still until the test moves them. */
final class ManualTime implements Time {
  private long nanos = 1_000_000;

  @Override
  public long wallMillis() {
    return 1_700_000_000_000L + nanos / 1_000_000;
  }

  @Override
  public long nanos() {
    return nanos;
  }

  void advance(Duration by) {
    nanos += by.toNanos();
  }
}
