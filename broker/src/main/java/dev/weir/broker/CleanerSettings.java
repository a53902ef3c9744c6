package dev.weir.broker;

import java.time.Duration;

/**
 * How logs of topics with {@code cleanup.policy=compact} are compacted.
 *
 * @param threads logs compacted at once ({@code log.cleaner.threads}). Few: compaction may not keep
 *     up with appends; many: each gets a smaller part of the memory
 * @param dedupeBufferBytes the most memory for the tables of keys of all of them, 32 bytes a key,
 *     taken only meanwhile ({@code log.cleaner.dedupe.buffer.size}). Small: a log with many keys is
 *     read several times
 * @param ioMaxBytesPerSecond what all cleanings together read and write ({@code
 *     log.cleaner.io.max.bytes.per.second}). Small: as few threads
 * @param backoff how often the broker looks for logs to compact ({@code log.cleaner.backoff.ms})
 */
public record CleanerSettings(
    int threads, long dedupeBufferBytes, long ioMaxBytesPerSecond, Duration backoff) {
  static final int MOST_THREADS = 16;
  private static final long LEAST_BYTES_EACH = 1 << 20;

  public CleanerSettings {
    Settings.require(
        threads >= 1 && threads <= MOST_THREADS,
        "log.cleaner.threads",
        threads,
        "1 to " + MOST_THREADS);
    Settings.require(
        dedupeBufferBytes / threads >= LEAST_BYTES_EACH,
        "log.cleaner.dedupe.buffer.size",
        dedupeBufferBytes,
        "at least " + LEAST_BYTES_EACH + " for each of log.cleaner.threads, which is " + threads);
    Settings.require(
        ioMaxBytesPerSecond >= 1,
        "log.cleaner.io.max.bytes.per.second",
        ioMaxBytesPerSecond,
        "at least 1");
    Settings.require(
        backoff.toMillis() >= 1, "log.cleaner.backoff.ms", backoff.toMillis(), "at least 1");
  }

  /** What one cleaning may take: together they stay within the bound. */
  long dedupeBufferBytesEach() {
    return dedupeBufferBytes / threads;
  }
}
