package dev.weir.storage;

/**
 * A read that has to touch the disk. It pins the segment it reads from: its owner calls exactly one
 * of {@link #run} and {@link #abandon}, once; a second call throws IllegalStateException. Sees
 * nothing mutable of the log.
 */
public interface DiskRead {
  /**
   * Locates the batches and brings them into the page cache. Blocks on the disk: for {@code
   * weir-read-n} threads.
   *
   * @return Slice, UpToDate or Unavailable
   */
  ReadOutcome run();

  /** Gives the read back without running it. Any thread. */
  void abandon();
}
