package dev.weir.core.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of a log file, by reference: what storage hands out so that a socket can send them without
 * copying.
 *
 * <p>A range has one owner at a time. The file stays open and its bytes stay on disk until the
 * owner calls {@link #release()}, exactly once; a second release is a bug and throws. The bytes of
 * a range never change. Any thread may call; handing a range to another thread needs the usual safe
 * publication.
 */
public interface FileRange {
  /** The file for {@code transferTo}, or null when there is none (a simulated disk): then copy. */
  @Nullable FileChannel channel();

  /** Position of the first byte in the file. */
  long position();

  /** Number of bytes, at least 1. */
  int length();

  /**
   * Whether the bytes are believed to be in the page cache, so that sending them does not block on
   * the disk. A hint: cold ranges must be warmed away from event loops before they are sent.
   */
  boolean hot();

  /**
   * Copies {@code dst.remaining()} bytes starting {@code offsetInRange} bytes after the range's
   * start. Blocks on the disk when the range is cold: not for event loops or partition loops.
   *
   * @throws IOException the read failed or the file is shorter than the range
   */
  void readFully(int offsetInRange, ByteBuffer dst) throws IOException;

  /** Gives the range back. Exactly once. */
  void release();
}
