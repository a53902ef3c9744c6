package dev.weir.broker.cli;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Where a {@link PumpedPublisher} takes its elements from. Used by its pumping thread alone. */
interface Source<T> {
  /** The next element that is there already, or null. Does not block. */
  @Nullable T poll();

  /**
   * Waits for more; called when {@link #poll} had nothing.
   *
   * @return false when there will be no more
   */
  boolean fill() throws IOException;
}
