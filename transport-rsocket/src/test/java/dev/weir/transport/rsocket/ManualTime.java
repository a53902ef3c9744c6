package dev.weir.transport.rsocket;

import dev.weir.core.time.Time;
import java.time.Duration;

/** A clock that is set by hand. */
final class ManualTime implements Time {
  private long nanos;

  @Override
  public long wallMillis() {
    return nanos / 1_000_000;
  }

  @Override
  public long nanos() {
    return nanos;
  }

  void advance(Duration by) {
    nanos += by.toNanos();
  }
}
