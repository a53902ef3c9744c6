package dev.weir.storage;

/**
 * The search for the first record at or after a timestamp. It pins the segments it may read: its
 * owner calls exactly one of {@link #run} and {@link #abandon}, once; a second call throws
 * IllegalStateException.
 */
public interface OffsetLookup {
  /** Searches. Blocks on the disk: for {@code weir-read-n} threads. */
  OffsetOutcome run();

  /** Gives the lookup back without running it. Any thread. */
  void abandon();
}
