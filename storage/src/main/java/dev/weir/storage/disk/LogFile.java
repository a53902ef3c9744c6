package dev.weir.storage.disk;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One open file that grows at its end.
 *
 * <p>One thread at a time appends, truncates and closes; positional reads and {@link #force} may
 * run beside it on other threads. Threads that call here are never interrupted: an interrupt would
 * close the file.
 */
public interface LogFile extends Closeable {
  Path path();

  /**
   * Writes all remaining bytes of the buffers, in order, at the end of the file, into the page
   * cache. Direct buffers are written without a copy; positions move to the limits.
   *
   * @return the number of bytes written, always the sum of what remained
   * @throws DiskFullException there is no space left
   * @throws IOException any other failure; in both cases a part may have been written at the end,
   *     which the caller cuts off with {@link #truncate}
   */
  long append(ByteBuffer... buffers) throws IOException;

  /**
   * Fills {@code dst} from {@code position} on.
   *
   * @throws java.io.EOFException the file ends before {@code dst} is full
   */
  void readFully(ByteBuffer dst, long position) throws IOException;

  /** Brings every byte written before this call to stable storage, with the file's size. */
  void force() throws IOException;

  /** Cuts the file to {@code size} bytes if it is longer. The next append goes there. */
  void truncate(long size) throws IOException;

  long size() throws IOException;

  /**
   * Whether the bytes are in the page cache as far as the operating system tells; true when it
   * cannot tell. Never reads them. Not for event loops.
   */
  boolean isResident(long position, int length) throws IOException;

  /** The channel for {@code transferTo}; null when the disk is simulated. */
  @Nullable FileChannel channel();

  /** Closes without forcing. Calling again does nothing. */
  @Override
  void close() throws IOException;
}
