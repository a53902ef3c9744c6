package dev.weir.storage;

import java.io.IOException;
import java.nio.file.Path;

/**
 * One life of a log on a simulated disk, for {@link CrashDriver} to interrupt: it does the same
 * operations every time and remembers what was acknowledged. One use of {@link #run}, then any
 * number of recoveries.
 */
interface CrashScript {
  /** The disk's only directory when a script begins. */
  Path ROOT = Path.of("/data");

  /** Runs to the end, or until the disk crashes; stops early when the log goes offline. */
  void run() throws IOException;

  /**
   * After a crash: asserts that what is there is legal, goes on as a real client would and asserts
   * that this worked. May crash like {@link #run}.
   */
  void recoverAndGoOn() throws IOException;

  /**
   * Opens the log after a crash and no more: what is there now may be shown to consumers, so from
   * now on it counts as acknowledged.
   */
  void recover() throws IOException;

  /** Whether the log takes batches, or none was opened yet. */
  boolean isOnline();
}
