package dev.weir.storage.disk;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One file that grows at its end. It need not be open all the time: whatever needs it opens it, and
 * it may be closed behind the scenes between two uses, except while it holds bytes that no {@link
 * #force} has covered or somebody {@linkplain #hold holds} it. What needs the file fails with
 * {@link NoDescriptorException} when the process cannot open any more; nothing has happened then.
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

  /**
   * Brings every byte written before this call to stable storage, with the file's size. Costs
   * nothing when there is none since the last time.
   */
  void force() throws IOException;

  /** Cuts the file to {@code size} bytes if it is longer. The next append goes there. */
  void truncate(long size) throws IOException;

  long size() throws IOException;

  /**
   * Whether the bytes are in the page cache as far as the operating system tells; true when it
   * cannot tell. Never reads them. Not for event loops.
   */
  boolean isResident(long position, int length) throws IOException;

  /** Opens the file if need be and keeps it open; each call is ended by one {@link #letGo}. */
  void hold() throws IOException;

  /** As {@link #hold} but without the disk: false when the file is not open. */
  boolean holdIfOpen();

  /** Ends a hold. */
  void letGo();

  /**
   * The path will stand for nothing or for another file: this one is not opened by it again and
   * stays open if it is.
   */
  void pathIsGone();

  /**
   * The channel for {@code transferTo}, while the file is held; null when the disk is simulated.
   */
  @Nullable FileChannel channel();

  /** Closes without forcing, when nobody holds it any more. Calling again does nothing. */
  @Override
  void close() throws IOException;
}
