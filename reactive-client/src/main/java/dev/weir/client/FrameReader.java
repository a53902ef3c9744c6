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
   * The next element, or null at the end of the frame.
   *
   * @throws dev.weir.core.error.WeirException CORRUPT_BATCH and other codes of damaged batches
   */
  @Nullable T next();

  /** Gives up what is open. May be called again. */
  void close();
}
