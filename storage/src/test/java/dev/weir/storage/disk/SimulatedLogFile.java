package dev.weir.storage.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** An open simulated file; of one process, like a descriptor. */
final class SimulatedLogFile implements LogFile {
  private final SimulatedLogFiles disk;
  private final Path path;
  private final int process;
  private @Nullable SimulatedContent content; // null while it is not open
  private boolean unforced;
  private boolean mayReopen = true;
  private int holds;
  private boolean closed;

  /**
   * @param content null for a file that is opened when it is used, with nothing to be forced
   */
  SimulatedLogFile(
      SimulatedLogFiles disk, Path path, @Nullable SimulatedContent content, int process) {
    this.disk = disk;
    this.path = path;
    this.content = content;
    this.unforced = content != null && content.visible().length > 0;
    this.process = process;
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public synchronized long append(ByteBuffer... buffers) throws IOException {
    SimulatedContent target = opened();
    int total = 0;
    for (ByteBuffer buffer : buffers) {
      total += buffer.remaining();
    }
    ByteBuffer all = ByteBuffer.allocate(total);
    for (ByteBuffer buffer : buffers) {
      all.put(buffer);
    }
    unforced = true;
    disk.append(path, target, all.array());
    afterUse();
    return total;
  }

  @Override
  public synchronized void readFully(ByteBuffer dst, long position) throws IOException {
    disk.read(process, opened(), dst, position);
    afterUse();
  }

  @Override
  public synchronized void force() throws IOException {
    requireNotClosed();
    if (!unforced || content == null) {
      return;
    }
    disk.force(path, content);
    unforced = false;
    afterUse();
  }

  @Override
  public synchronized void truncate(long size) throws IOException {
    unforced = true;
    disk.truncate(path, opened(), (int) size);
    afterUse();
  }

  @Override
  public synchronized long size() throws IOException {
    requireNotClosed();
    return content == null ? disk.size(path) : content.visible().length;
  }

  @Override
  public synchronized void hold() throws IOException {
    opened();
    holds++;
  }

  @Override
  public synchronized boolean holdIfOpen() {
    if (content == null || closed) {
      return false;
    }
    holds++;
    return true;
  }

  @Override
  public synchronized void letGo() {
    holds--;
    afterUse();
  }

  @Override
  public synchronized void pathIsGone() {
    mayReopen = false;
  }

  @Override
  public boolean isResident(long position, int length) {
    return disk.isCached();
  }

  @Override
  public @Nullable FileChannel channel() {
    return null;
  }

  @Override
  public synchronized void close() {
    closed = true;
  }

  @Override
  public String toString() {
    return path.toString();
  }

  private SimulatedContent opened() throws IOException {
    requireNotClosed();
    SimulatedContent open = content;
    if (open == null) {
      if (!mayReopen) {
        throw new NoSuchFileException(path.toString());
      }
      open = disk.contentOf(path);
      content = open;
    }
    return open;
  }

  /** The real disk may close such a file between any two uses; this one always does. */
  private void afterUse() {
    if (!unforced && holds == 0 && mayReopen) {
      content = null;
    }
  }

  private void requireNotClosed() throws IOException {
    disk.requireAlive(process);
    if (closed && holds == 0) {
      throw new ClosedChannelException();
    }
  }
}
