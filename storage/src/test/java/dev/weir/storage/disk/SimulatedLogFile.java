package dev.weir.storage.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** An open simulated file; of one process, like a descriptor. */
final class SimulatedLogFile implements LogFile {
  private final SimulatedLogFiles disk;
  private final Path path;
  private final SimulatedContent content;
  private final int process;
  private volatile boolean closed;

  SimulatedLogFile(SimulatedLogFiles disk, Path path, SimulatedContent content, int process) {
    this.disk = disk;
    this.path = path;
    this.content = content;
    this.process = process;
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public long append(ByteBuffer... buffers) throws IOException {
    requireOpen();
    int total = 0;
    for (ByteBuffer buffer : buffers) {
      total += buffer.remaining();
    }
    ByteBuffer all = ByteBuffer.allocate(total);
    for (ByteBuffer buffer : buffers) {
      all.put(buffer);
    }
    disk.append(path, content, all.array());
    return total;
  }

  @Override
  public void readFully(ByteBuffer dst, long position) throws IOException {
    requireOpen();
    disk.read(process, content, dst, position);
  }

  @Override
  public void force() throws IOException {
    requireOpen();
    disk.force(path, content);
  }

  @Override
  public void truncate(long size) throws IOException {
    requireOpen();
    disk.truncate(path, content, (int) size);
  }

  @Override
  public long size() throws IOException {
    requireOpen();
    return content.visible().length;
  }

  @Override
  public boolean isResident(long position, int length) {
    return true;
  }

  @Override
  public @Nullable FileChannel channel() {
    return null;
  }

  @Override
  public void close() {
    closed = true;
  }

  @Override
  public String toString() {
    return path.toString();
  }

  private void requireOpen() throws IOException {
    disk.requireAlive(process);
    if (closed) {
      throw new ClosedChannelException();
    }
  }
}
