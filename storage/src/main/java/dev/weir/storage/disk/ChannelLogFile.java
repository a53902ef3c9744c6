package dev.weir.storage.disk;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A file behind a channel, whose position is always the end of what was appended. The channel is
 * opened for whoever needs it and may be {@linkplain #closeIfIdle closed} between two uses.
 *
 * <p>Never while there are bytes that no force has covered. Linux reports a failed write-back to
 * the descriptors that are open by then; one that is opened later learns of it only as long as
 * nobody else was told and the kernel still has the file in memory. So a force is worth something
 * on the descriptor that has been there since the bytes were written, and a file without such bytes
 * has nothing that a force could report.
 */
final class ChannelLogFile implements LogFile {
  /** One block: with less there is nowhere to write. */
  private static final long LEAST_SPACE = 4096;

  private final Path path;
  private final OpenFiles open;
  private final Opener opener;

  // under this object's lock
  private @Nullable FileChannel channel;
  private int users;
  private boolean unforced;
  private boolean mayReopen = true;
  private boolean closed;

  private volatile boolean used;

  /** A file that is there, with nothing in it that a force would have to cover. Not opened yet. */
  ChannelLogFile(Path path, OpenFiles open) {
    this(path, open, FileChannel::open);
  }

  ChannelLogFile(Path path, OpenFiles open, Opener opener) {
    this.path = path;
    this.open = open;
    this.opener = opener;
  }

  /** Where channels come from. */
  interface Opener {
    FileChannel open(Path path, OpenOption... options) throws IOException;
  }

  /** Opens it now; whatever is in it may need a force. */
  ChannelLogFile opened() throws IOException {
    onChange();
    acquire();
    letGo();
    return this;
  }

  /** Creates it now. That there is an empty file is for a sync of the directory to make certain. */
  ChannelLogFile created() throws IOException {
    acquire(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    letGo();
    return this;
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public long append(ByteBuffer... buffers) throws IOException {
    FileChannel to = acquire();
    try {
      return writeFully(to, buffers);
    } catch (IOException failure) {
      throw classify(path, failure);
    } finally {
      onChange(); // afterwards: a force that ran during the write has not covered it
      letGo();
    }
  }

  /** A write may take only a part, the last one before the disk is full for instance. */
  static long writeFully(FileChannel to, ByteBuffer... buffers) throws IOException {
    long total = 0;
    for (ByteBuffer buffer : buffers) {
      total += buffer.remaining();
    }
    long written = 0;
    while (written < total) {
      written += buffers.length == 1 ? to.write(buffers[0]) : to.write(buffers);
    }
    return total;
  }

  @Override
  public void readFully(ByteBuffer dst, long position) throws IOException {
    FileChannel from = acquire();
    try {
      long at = position;
      while (dst.hasRemaining()) {
        int read = from.read(dst, at);
        if (read < 0) {
          throw new EOFException(
              path + " ends at byte " + at + ", " + dst.remaining() + " more were expected");
        }
        at += read;
      }
    } finally {
      letGo();
    }
  }

  @Override
  public void force() throws IOException {
    FileChannel dirty;
    synchronized (this) {
      requireNotClosed();
      if (!unforced || channel == null) {
        return;
      }
      dirty = channel;
      users++;
      unforced = false; // before the force: what is written during it may not be covered
    }
    boolean done = false;
    try {
      // fdatasync: writes the size with the data when the file has grown
      dirty.force(false);
      done = true;
    } finally {
      if (!done) {
        onChange();
      }
      letGo();
    }
  }

  @Override
  public void truncate(long size) throws IOException {
    FileChannel cut = acquire();
    try {
      cut.truncate(size);
      cut.position(Math.min(size, cut.size()));
    } finally {
      onChange();
      letGo();
    }
  }

  @Override
  public long size() throws IOException {
    synchronized (this) {
      requireNotClosed();
      if (channel != null) {
        return channel.size();
      }
    }
    return Files.size(path);
  }

  @Override
  public boolean isResident(long position, int length) throws IOException {
    FileChannel asked = acquire();
    try {
      return Residency.of(asked, position, length);
    } finally {
      letGo();
    }
  }

  @Override
  public void hold() throws IOException {
    acquire();
  }

  @Override
  public synchronized boolean holdIfOpen() {
    if (channel == null || closed) {
      return false;
    }
    users++;
    used = true;
    return true;
  }

  @Override
  public void letGo() {
    FileChannel last = null;
    synchronized (this) {
      users--;
      if (closed && users == 0) {
        last = channel;
        channel = null;
      }
    }
    if (last != null) {
      open.remove(this);
      closeQuietly(last);
    }
  }

  @Override
  public synchronized void pathIsGone() {
    mayReopen = false;
  }

  @Override
  public synchronized @Nullable FileChannel channel() {
    return channel;
  }

  @Override
  public void close() throws IOException {
    FileChannel last;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      last = users == 0 ? channel : null;
      if (users == 0) {
        channel = null;
      }
    }
    if (last != null) {
      open.remove(this);
      last.close();
    }
  }

  /** Whether somebody has used it since this was last asked. */
  boolean wasUsed() {
    boolean was = used;
    used = false;
    return was;
  }

  /** Gives the descriptor back, if nothing is lost by that. */
  boolean closeIfIdle() {
    FileChannel idle;
    synchronized (this) {
      if (channel == null || users > 0 || unforced || !mayReopen || closed) {
        return false;
      }
      idle = channel;
      channel = null;
      open.remove(this);
    }
    closeQuietly(idle);
    return true;
  }

  /** The channel, to be let go of; it stays open for so long. */
  private FileChannel acquire(OpenOption... options) throws IOException {
    if (holdIfOpen()) {
      return held();
    }
    open.makeRoom();
    return open.opening(() -> acquireOpening(options));
  }

  private synchronized FileChannel acquireOpening(OpenOption... options) throws IOException {
    requireNotClosed();
    if (channel == null) {
      if (!mayReopen) {
        throw new NoSuchFileException(path.toString(), null, "it was renamed or deleted");
      }
      channel = openAtEnd(options);
      open.add(this);
    }
    users++;
    used = true;
    return channel;
  }

  private FileChannel openAtEnd(OpenOption... options) throws IOException {
    try {
      if (options.length > 0) {
        return opener.open(path, options); // a new file: its end is its beginning
      }
      FileChannel existing = opener.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
      return existing.position(existing.size());
    } catch (IOException failure) {
      throw classify(path, failure);
    }
  }

  private synchronized FileChannel held() throws IOException {
    FileChannel mine = channel;
    if (mine == null) {
      throw new ClosedChannelException();
    }
    return mine;
  }

  private synchronized void onChange() {
    unforced = true;
  }

  private void requireNotClosed() throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException failure) {
      // nothing unflushed depends on a close, and the descriptor is gone either way
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }

  /**
   * The one place that tells one errno from another. The JDK has only their texts, in the language
   * of the process, so where they do not tell the space is looked up.
   */
  static IOException classify(Path path, IOException failure) {
    String message = String.valueOf(failure.getMessage());
    if (message.contains("Too many open files")) {
      return new NoDescriptorException(path, failure);
    }
    boolean full =
        message.contains("No space left on device")
            || message.contains("Disk quota exceeded")
            || hasNoSpace(path);
    return full ? new DiskFullException(path, failure) : failure;
  }

  private static boolean hasNoSpace(Path path) {
    try {
      Path directory = path.toAbsolutePath().getParent();
      return directory != null && Files.getFileStore(directory).getUsableSpace() < LEAST_SPACE;
    } catch (IOException unknown) {
      return false;
    }
  }
}
