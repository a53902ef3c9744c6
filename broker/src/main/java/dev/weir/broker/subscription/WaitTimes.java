package dev.weir.broker.subscription;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** Sums of time by cause. Any thread. */
final class WaitTimes {
  private final Map<WaitCause, LongAdder> nanos = new EnumMap<>(WaitCause.class);

  WaitTimes() {
    for (WaitCause cause : WaitCause.values()) {
      nanos.put(cause, new LongAdder());
    }
  }

  void add(WaitCause cause, long more) {
    of(cause).add(more);
  }

  long nanos(WaitCause cause) {
    return of(cause).sum();
  }

  private LongAdder of(WaitCause cause) {
    return Objects.requireNonNull(nanos.get(cause));
  }
}
