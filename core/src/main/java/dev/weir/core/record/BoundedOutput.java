package dev.weir.core.record;

import java.io.OutputStream;
import java.util.Arrays;

/** Collects bytes up to a bound; beyond it drops everything and says so. Reusable, one thread. */
final class BoundedOutput extends OutputStream {
  private byte[] bytes = new byte[0];
  private int bound;
  private int size;
  private boolean overflown;

  /** Starts anew. */
  void reset(int newBound) {
    bound = newBound;
    size = 0;
    overflown = false;
  }

  byte[] bytes() {
    return bytes;
  }

  int size() {
    return size;
  }

  boolean overflown() {
    return overflown;
  }

  @Override
  public void write(int b) {
    if (reserve(1)) {
      bytes[size++] = (byte) b;
    }
  }

  @Override
  public void write(byte[] source, int from, int length) {
    if (reserve(length)) {
      System.arraycopy(source, from, bytes, size, length);
      size += length;
    }
  }

  /** For a codec that writes into the array itself: room up to the bound, from index 0. */
  byte[] wholeArray() {
    if (bytes.length < bound) {
      bytes = new byte[bound];
    }
    return bytes;
  }

  int bound() {
    return bound;
  }

  /** Ends what began with {@link #wholeArray}. */
  void wrote(int count) {
    size = count;
  }

  void overflow() {
    overflown = true;
  }

  private boolean reserve(int more) {
    if (overflown || more > bound - size) {
      overflown = true;
      return false;
    }
    if (more > bytes.length - size) {
      long doubled = Math.max(2L * bytes.length, size + (long) more);
      bytes = Arrays.copyOf(bytes, (int) Math.min(doubled, bound));
    }
    return true;
  }
}
