package dev.weir.client;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: 100 ms, doubling up to 1 s, each shortened by up to
 * half at random so that clients do not come back all at once. One thread at a time.
 */
final class Backoff {
  private static final long FIRST_MILLIS = 100;
  private static final long LAST_MILLIS = 1000;

  private final RandomGenerator random;
  private long millis = FIRST_MILLIS;

  Backoff(RandomGenerator random) {
    this.random = random;
  }

  Duration next() {
    long wait = millis - random.nextLong(millis / 2 + 1);
    millis = Math.min(LAST_MILLIS, millis * 2);
    return Duration.ofMillis(wait);
  }

  /** After a success. */
  void reset() {
    millis = FIRST_MILLIS;
  }
}
