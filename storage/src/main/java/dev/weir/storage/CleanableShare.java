package dev.weir.storage;

/**
 * How much of a log could be cleaned now.
 *
 * @param cleanBytes bytes of segments that were cleaned and would be read and copied again
 * @param dirtyBytes bytes of segments that were not and could be
 * @param overdue there are dirty records older than {@code max.compaction.lag.ms}
 * @param minDirtyRatio from which on cleaning is worth it
 */
public record CleanableShare(
    long cleanBytes, long dirtyBytes, boolean overdue, double minDirtyRatio) {
  /** Nothing can be cleaned. */
  public static final CleanableShare NONE = new CleanableShare(0, 0, false, 1);

  /** The dirty part of all bytes that a cleaning would read, 0 to 1. */
  public double dirtyRatio() {
    return dirtyBytes == 0 ? 0 : (double) dirtyBytes / (cleanBytes + dirtyBytes);
  }

  /** Whether the log should be cleaned. */
  public boolean isDue() {
    return dirtyBytes > 0 && (overdue || dirtyRatio() >= minDirtyRatio);
  }
}
