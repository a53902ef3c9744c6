package dev.weir.core.time;

/** The two clocks. Callable from any thread; never blocks. */
public interface Time {
  /**
   * Wall-clock milliseconds since 1970; may jump in both directions. For timestamps that people
   * see.
   */
  long wallMillis();

  /** Monotonic nanoseconds from an arbitrary origin. For deadlines and durations. */
  long nanos();

  /** The machine's clocks. */
  static Time system() {
    return SystemTime.INSTANCE;
  }
}
