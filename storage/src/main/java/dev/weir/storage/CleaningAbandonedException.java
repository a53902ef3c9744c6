package dev.weir.storage;

import java.io.IOException;

/**
 * A cleaning was told to stop, because its log is closed, deleted, truncated, offline or not
 * compacted any more. Nothing is wrong with it.
 */
public final class CleaningAbandonedException extends IOException {
  private static final long serialVersionUID = 1L;

  CleaningAbandonedException(LogHome home) {
    super("the cleaning of " + home.partition() + " was abandoned");
  }
}
