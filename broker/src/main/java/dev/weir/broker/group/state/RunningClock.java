package dev.weir.broker.group.state;

import dev.weir.core.time.Time;

/** Nanoseconds in which the coordinator itself ran: its own pauses are nobody's fault. */
final class RunningClock {
  private final Time time;
  private long paused;

  RunningClock(Time time) {
    this.time = time;
  }

  long now() {
    return time.nanos() - paused;
  }

  /** The coordinator did not get to run for so long. */
  void pass(long nanos) {
    paused += nanos;
  }
}
