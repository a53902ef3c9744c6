package dev.weir.broker.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/** A growing byte array to format into; reused, one thread at a time. */
final class ByteSink extends OutputStream {
  private final int initialBytes;
  private byte[] bytes;
  private int size;

  ByteSink(int initialBytes) {
    this.initialBytes = initialBytes;
    this.bytes = new byte[initialBytes];
  }

  int size() {
    return size;
  }

  @Override
  public void write(int b) {
    ensure(1);
    bytes[size++] = (byte) b;
  }

  @Override
  public void write(byte[] source) {
    write(source, 0, source.length);
  }

  @Override
  public void write(byte[] source, int offset, int length) {
    ensure(length);
    System.arraycopy(source, offset, bytes, size, length);
    size += length;
  }

  /** Room for so many bytes, counted as written; fill {@link #array} from the position returned. */
  int claim(int length) {
    ensure(length);
    int at = size;
    size += length;
    return at;
  }

  /** The bytes; valid until the next call that writes. */
  byte[] array() {
    return bytes;
  }

  void writeTo(OutputStream out) throws IOException {
    out.write(bytes, 0, size);
  }

  /** Empties it; an array that one large record made grow is given back. */
  void clear() {
    size = 0;
    if (bytes.length > 4 * initialBytes) {
      bytes = new byte[initialBytes];
    }
  }

  private void ensure(int more) {
    int needed = Math.addExact(size, more);
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(needed, bytes.length + (bytes.length >> 1)));
    }
  }
}
