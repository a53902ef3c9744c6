package dev.weir.broker.partition;

import dev.weir.core.time.Time;
import java.util.concurrent.TimeUnit;

/**
 * So many lines a minute, so that a disk with room for some batches and not for others, or one that
 * fills up under many partitions, does not fill the log too. Any thread.
 */
final class LineBudget {
  private static final long MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final int most;
  private final Time time;
  private long minuteStart;
  private int used;

  LineBudget(int most, Time time) {
    this.most = most;
    this.time = time;
    this.minuteStart = time.nanos();
  }

  /** Whether there is room for a line. */
  enum Room {
    SOME,
    /** This one is the last for now, which should be said. */
    LAST,
    NONE
  }

  /** Takes the room of one line, if there is any. */
  synchronized Room take() {
    long now = time.nanos();
    if (now - minuteStart >= MINUTE_NANOS) {
      minuteStart = now;
      used = 0;
    }
    if (used == most) {
      return Room.NONE;
    }
    used++;
    return used == most ? Room.LAST : Room.SOME;
  }
}
