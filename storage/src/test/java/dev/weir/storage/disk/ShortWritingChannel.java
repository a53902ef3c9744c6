package dev.weir.storage.disk;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/**
 * A file that can only be written, at its end: each write takes a few bytes of what it is given,
 * every other one none, and there is only so much space.
 */
class ShortWritingChannel extends FileChannel {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final int most;
  private final long space;
  private boolean takesNone;

  /**
   * @param most bytes a write takes
   * @param space bytes there is room for
   */
  ShortWritingChannel(int most, long space) {
    this.most = most;
    this.space = space;
  }

  String written() {
    return written.toString(US_ASCII);
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    takesNone = !takesNone;
    int count = takesNone ? 0 : Math.min(most, from.remaining());
    if (count > 0 && written.size() == space) {
      throw new IOException("No space left on device");
    }
    count = (int) Math.min(count, space - written.size());
    for (int i = 0; i < count; i++) {
      written.write(from.get());
    }
    return count;
  }

  /** All of the first one that has something, or less: a gathering write may end anywhere. */
  @Override
  public long write(ByteBuffer[] from, int offset, int length) throws IOException {
    for (int i = offset; i < offset + length; i++) {
      if (from[i].hasRemaining()) {
        return write(from[i]);
      }
    }
    return 0;
  }

  @Override
  public int write(ByteBuffer from, long position) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int read(ByteBuffer to) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long read(ByteBuffer[] to, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int read(ByteBuffer to, long position) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long position() {
    return written.size();
  }

  @Override
  public FileChannel position(long position) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long size() {
    return written.size();
  }

  @Override
  public FileChannel truncate(long size) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void force(boolean metaData) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long transferTo(long position, long count, WritableByteChannel target) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long transferFrom(ReadableByteChannel source, long position, long count) {
    throw new UnsupportedOperationException();
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long position, long size) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileLock lock(long position, long size, boolean shared) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileLock tryLock(long position, long size, boolean shared) {
    throw new UnsupportedOperationException();
  }

  @Override
  protected void implCloseChannel() {}
}
