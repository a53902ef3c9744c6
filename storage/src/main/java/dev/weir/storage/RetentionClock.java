package dev.weir.storage;

import dev.weir.core.time.Time;
import dev.weir.storage.disk.LogFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The time by which records grow old: the wall clock, except that it never runs ahead at more than
 * twice the speed of the monotonic clock. So a wall clock that jumps ahead deletes nothing that it
 * would not have deleted soon, and once it is put right nothing has happened; going back is always
 * followed at once. A file keeps the time over restarts: of the time the broker was down at most
 * {@link #MOST_DOWNTIME} counts at once, the rest is caught up at double speed.
 *
 * <p>One thread; blocks on the disk for one small file.
 */
public final class RetentionClock {
  static final Duration MOST_DOWNTIME = Duration.ofDays(1);

  private final LogFiles files;
  private final Path file;
  private final Time time;
  private long millis;
  private long nanos;

  private RetentionClock(LogFiles files, Path file, Time time, long millis) {
    this.files = files;
    this.file = file;
    this.time = time;
    this.millis = millis;
    this.nanos = time.nanos();
  }

  /** Goes on from the file; without one from the wall clock. */
  public static RetentionClock open(LogFiles files, Path file, Time time) throws IOException {
    long[] kept = NumbersFile.read(files, file, 1);
    long wall = time.wallMillis();
    long start = kept == null ? wall : Math.min(wall, kept[0] + MOST_DOWNTIME.toMillis());
    return new RetentionClock(files, file, time, start);
  }

  /** Milliseconds since 1970; also written to the file. */
  public long nowMillis() {
    long nowNanos = time.nanos();
    long elapsed = TimeUnit.NANOSECONDS.toMillis(nowNanos - nanos);
    millis = Math.min(time.wallMillis(), millis + 2 * elapsed);
    nanos = nowNanos;
    try {
      NumbersFile.replace(files, file, millis);
    } catch (IOException full) {
      // an older time stays: the next start deletes later
    }
    return millis;
  }
}
