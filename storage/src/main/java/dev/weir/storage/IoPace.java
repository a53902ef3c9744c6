package dev.weir.storage;

import dev.weir.core.time.Time;

/**
 * Spreads disk traffic over time so that it stays below a rate, counted over all who share it
 * (Kafka's {@code log.cleaner.io.max.bytes.per.second}). Any thread; never waits by itself.
 */
public final class IoPace {
  private static final double NANOS = 1e9;

  private final double bytesPerSecond;
  private final Time time;
  private long freeAt;

  /**
   * @param bytesPerSecond at least 1; {@link Long#MAX_VALUE} for no bound
   */
  public IoPace(long bytesPerSecond, Time time) {
    this.bytesPerSecond = bytesPerSecond;
    this.time = time;
    this.freeAt = time.nanos();
  }

  /** Takes note of bytes read or written; returns the nanoseconds to wait before any more. */
  public synchronized long spend(long bytes) {
    long now = time.nanos();
    long took = (long) (bytes / bytesPerSecond * NANOS);
    freeAt = (freeAt - now > 0 ? freeAt : now) + took;
    return freeAt - now;
  }
}
