package dev.weir.broker;

/**
 * How many threads of each kind.
 *
 * @param io event loops. Too few: sockets wait; more than cores: no gain
 * @param partition loops on which partitions live. Too few: appends wait; more than cores: no gain
 * @param flush concurrent fsyncs. Too few: partitions wait for each other's disk; they block and
 *     compute nothing, so cores do not limit them, and end when there is nothing to flush
 * @param read concurrent cold reads. Too few: one reader of old data delays the others
 * @param recovery logs opened at once when the broker starts
 */
public record ThreadSettings(int io, int partition, int flush, int read, int recovery) {
  /** File systems let concurrent fsyncs share a commit: see decision 013. */
  public static final int DEFAULT_FLUSH = 16;

  static final int MOST = 256;

  public ThreadSettings {
    requireCount("threads.io", io);
    requireCount("threads.partition", partition);
    requireCount("threads.flush", flush);
    requireCount("threads.read", read);
    requireCount("threads.recovery", recovery);
  }

  /** For this many cores. */
  static ThreadSettings forCores(int cores) {
    int some = Math.max(1, Math.min(cores, 4));
    return new ThreadSettings(some, some, DEFAULT_FLUSH, Math.max(2, some), Math.max(2, some));
  }

  private static void requireCount(String key, int count) {
    Settings.require(count >= 1 && count <= MOST, key, count, "1 to " + MOST);
  }
}
