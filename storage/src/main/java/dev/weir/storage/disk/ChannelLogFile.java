package dev.weir.storage.disk;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file behind a channel whose position is always the end of what was appended. */
final class ChannelLogFile implements LogFile {
  private final Path path;
  private final FileChannel channel;

  /** Only ever asked which pages are resident, never read; unmapped when it is collected. */
  private volatile @Nullable MappedByteBuffer residency;

  ChannelLogFile(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public long append(ByteBuffer... buffers) throws IOException {
    long total = 0;
    for (ByteBuffer buffer : buffers) {
      total += buffer.remaining();
    }
    try {
      long written = 0;
      while (written < total) {
        written += buffers.length == 1 ? channel.write(buffers[0]) : channel.write(buffers);
      }
    } catch (IOException failure) {
      throw classify(path, failure);
    }
    return total;
  }

  @Override
  public void readFully(ByteBuffer dst, long position) throws IOException {
    long at = position;
    while (dst.hasRemaining()) {
      int read = channel.read(dst, at);
      if (read < 0) {
        throw new EOFException(
            path + " ends at byte " + at + ", " + dst.remaining() + " more were expected");
      }
      at += read;
    }
  }

  @Override
  public void force() throws IOException {
    // fdatasync: writes the size with the data when the file has grown
    channel.force(false);
  }

  @Override
  public void truncate(long size) throws IOException {
    channel.truncate(size);
    channel.position(Math.min(size, channel.size()));
  }

  @Override
  public long size() throws IOException {
    return channel.size();
  }

  @Override
  public boolean isResident(long position, int length) throws IOException {
    MappedByteBuffer map = residency;
    if (map == null || map.capacity() < position + length) {
      map =
          channel.map(
              FileChannel.MapMode.READ_ONLY, 0, Math.min(channel.size(), Integer.MAX_VALUE));
      residency = map;
    }
    return map.slice((int) position, length).isLoaded();
  }

  @Override
  public FileChannel channel() {
    return channel;
  }

  @Override
  public void close() throws IOException {
    residency = null;
    channel.close();
  }

  @Override
  public String toString() {
    return path.toString();
  }

  /**
   * The one place that tells a full disk from a sick one; the JDK has only the text of errno for
   * it.
   */
  static IOException classify(Path path, IOException failure) {
    String message = String.valueOf(failure.getMessage());
    boolean full =
        message.contains("No space left on device") || message.contains("Disk quota exceeded");
    return full ? new DiskFullException(path, failure) : failure;
  }
}
