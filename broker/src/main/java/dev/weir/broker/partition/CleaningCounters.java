package dev.weir.broker.partition;

import dev.weir.core.time.Time;
import dev.weir.storage.CleaningReport;
import dev.weir.storage.IoPace;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** What compaction has done and has left; written by housekeeping, read by any thread. */
public final class CleaningCounters {
  private static final long NEVER = Long.MIN_VALUE;

  private final Time time;
  private final IoPace pace;
  private final LongAdder cleanings = new LongAdder();
  private final LongAdder bytesRead = new LongAdder();
  private final LongAdder bytesWritten = new LongAdder();
  private final LongAdder bytesKept = new LongAdder();
  private final LongAdder bytesRemoved = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private volatile long newestNanos = NEVER;
  private volatile Backlog backlog = new Backlog(0, 0, 0);

  /**
   * @param pace what all cleanings wait by
   */
  public CleaningCounters(Time time, IoPace pace) {
    this.time = time;
    this.pace = pace;
  }

  /**
   * What there is to do.
   *
   * @param dirtyBytes that could be cleaned, over all compacted logs
   * @param dirtyRatio of the log that has the largest one, 0 to 1
   * @param uncleanable logs that are not cleaned any more before they are opened again
   */
  public record Backlog(long dirtyBytes, double dirtyRatio, int uncleanable) {}

  public void onCleaned(CleaningReport report) {
    cleanings.increment();
    bytesRead.add(report.bytesRead());
    bytesWritten.add(report.bytesWritten());
    bytesKept.add(report.bytesKept());
    bytesRemoved.add(report.bytesBefore() - report.bytesKept());
    newestNanos = time.nanos();
  }

  public void onFailed() {
    failures.increment();
  }

  public void onLooked(Backlog found) {
    backlog = found;
  }

  public Backlog backlog() {
    return backlog;
  }

  public long cleanings() {
    return cleanings.sum();
  }

  public long bytesRead() {
    return bytesRead.sum();
  }

  public long bytesWritten() {
    return bytesWritten.sum();
  }

  public long bytesKept() {
    return bytesKept.sum();
  }

  public long bytesRemoved() {
    return bytesRemoved.sum();
  }

  public long failures() {
    return failures.sum();
  }

  public double waitedSeconds() {
    return pace.waitedNanos() / (double) TimeUnit.SECONDS.toNanos(1);
  }

  /** Since a cleaning came to its end; not a number before the first one has. */
  public double secondsSinceNewest() {
    long newest = newestNanos;
    return newest == NEVER
        ? Double.NaN
        : (time.nanos() - newest) / (double) TimeUnit.SECONDS.toNanos(1);
  }
}
