package dev.weir.storage.disk;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** A file's bytes: as programs see them, and as they are on stable storage. */
final class SimulatedContent {
  private byte[] visible = new byte[0];
  private byte[] durable = new byte[0];
  private int unreadable = -1;

  byte[] visible() {
    return visible;
  }

  void write(int position, ByteBuffer bytes) {
    visible = written(visible, position, bytes);
  }

  void truncate(int size) {
    visible = Arrays.copyOf(visible, Math.min(size, visible.length));
  }

  void writeDurably(int position, ByteBuffer bytes) {
    durable = written(durable, position, bytes);
  }

  void truncateDurably(int size) {
    durable = Arrays.copyOf(durable, Math.min(size, durable.length));
  }

  void rot(int at, int mask) {
    visible = rotten(visible, at, mask);
    durable = rotten(durable, at, mask);
  }

  void failReadsOf(int at) {
    unreadable = at;
  }

  boolean isUnreadable(long position, int length) {
    return unreadable >= position && unreadable < position + length;
  }

  /** After a power cut. */
  void forgetWhatIsNotDurable() {
    visible = durable;
  }

  private static byte[] rotten(byte[] old, int at, int mask) {
    byte[] result = old.clone();
    if (at < result.length) {
      result[at] ^= (byte) mask;
    }
    return result;
  }

  private static byte[] written(byte[] old, int position, ByteBuffer bytes) {
    byte[] result = Arrays.copyOf(old, Math.max(old.length, position + bytes.limit()));
    bytes.get(0, result, position, bytes.limit());
    return result;
  }
}
