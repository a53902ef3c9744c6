package dev.weir.storage;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The end of a log moves otherwise than by an append. Put together in the loop when no flush is in
 * flight, carried out on a flush thread after a flush of everything, when the marker of a clean
 * shutdown has gone for certain; no batch is appended in the meantime.
 */
sealed interface EndMove permits Truncation, Restart {
  /**
   * What the log is afterwards.
   *
   * @param keptBelow segments that begin below this offset stay as they are, all others are gone
   * @param active ends the log
   * @param producers as they were at this end
   */
  record Moved(
      long startOffset, long endOffset, long keptBelow, Segment active, ProducerStates producers) {}

  /**
   * Blocks on the disk.
   *
   * @return null when it could not begin (no space): nothing has changed
   * @throws IOException it was begun and not completed: the next recovery finds out what is there
   */
  @Nullable Moved run() throws IOException;

  /** Gives back what it holds, run or not. */
  void letGo();
}
