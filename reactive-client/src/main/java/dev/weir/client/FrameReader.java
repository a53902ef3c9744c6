package dev.weir.client;

import org.jspecify.annotations.Nullable;

/** Takes one frame after the other apart. Used by one subscription's loop. */
interface FrameReader<T> {
  /**
   * Begins a frame; the one before is read or given up.
   *
   * @param endExclusive offsets from here on are left out
   */
  void open(PartitionTarget partition, Frame frame, long endExclusive);

  /**
   * The next element, or null at the end of the frame and while it {@link #waits}.
   *
   * @throws dev.weir.core.error.WeirException CORRUPT_BATCH and other codes of damaged batches
   */
  @Nullable T next();

  /** Whether there is nothing now although the frame has not been read to its end. */
  default boolean waits() {
    return false;
  }

  /** Gives up what is open. May be called again. */
  void close();
}
