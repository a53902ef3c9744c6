package dev.weir.storage;

import dev.weir.core.time.Time;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/**
 * Spreads disk traffic over time so that it stays below a rate, counted over all who share it
 * (Kafka's {@code log.cleaner.io.max.bytes.per.second}). Any thread; never waits by itself.
 */
public final class IoPace {
  private static final double NANOS = 1e9;

  /** A thread wakes up later than asked; short waits would add up to far less than the rate. */
  private static final long SHORTEST_NANOS = Duration.ofMillis(10).toNanos();

  private final double bytesPerSecond;
  private final Time time;
  private final LongAdder waited = new LongAdder();
  private long freeAt;

  /**
   * @param bytesPerSecond at least 1; {@link Long#MAX_VALUE} for no bound
   */
  public IoPace(long bytesPerSecond, Time time) {
    this.bytesPerSecond = bytesPerSecond;
    this.time = time;
    this.freeAt = time.nanos();
  }

  /**
   * Takes note of bytes read or written; returns the nanoseconds to wait before any more, 0 while
   * it is not worth waiting.
   */
  public synchronized long spend(long bytes) {
    long now = time.nanos();
    long took = (long) (bytes / bytesPerSecond * NANOS);
    freeAt = (freeAt - now > 0 ? freeAt : now) + took;
    long wait = freeAt - now;
    return wait < SHORTEST_NANOS ? 0 : wait;
  }

  /** Somebody has waited as told. */
  void onWaited(long nanos) {
    waited.add(nanos);
  }

  /** Nanoseconds that all who share this have waited. */
  public long waitedNanos() {
    return waited.sum();
  }
}
