package dev.weir.storage;

/** Hears what happens to a log by itself. Called in the log's partition loop; must not block. */
public interface LogListener {
  /**
   * Everything below {@code flushedOffset} is on stable storage; it only rises, except that a
   * truncation lowers it.
   */
  void onFlushed(long flushedOffset);

  /** The log takes no more appends until the broker restarts; called once. */
  void onOffline(Throwable cause);
}
