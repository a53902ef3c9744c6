package dev.weir.core.record;

import java.nio.ByteBuffer;

/**
 * Zigzag integers of variable length, as Protocol Buffers' sint32 and sint64: seven bits a byte,
 * lowest first, the top bit says that more follow.
 */
final class Varint {
  static final int MAX_INT_BYTES = 5;
  static final int MAX_LONG_BYTES = 10;

  private static final int BITS = 7;
  private static final int MORE = 0x80;
  private static final int PAYLOAD = 0x7f;

  /** In the last byte an int (a long) has room for four bits (one bit). */
  private static final int LAST_INT_SHIFT = 28;

  private static final int LAST_INT_FORBIDDEN = 0xf0;
  private static final int LAST_LONG_SHIFT = 63;
  private static final int LAST_LONG_FORBIDDEN = 0xfe;

  private Varint() {}

  static int sizeOf(int value) {
    int significant = Integer.SIZE - Integer.numberOfLeadingZeros(zigzag(value) | 1);
    return (significant + BITS - 1) / BITS;
  }

  static int sizeOf(long value) {
    int significant = Long.SIZE - Long.numberOfLeadingZeros(zigzag(value) | 1);
    return (significant + BITS - 1) / BITS;
  }

  /** Writes the value and returns the position after it. */
  static int write(byte[] out, int at, int value) {
    int rest = zigzag(value);
    int position = at;
    while ((rest & ~PAYLOAD) != 0) {
      out[position++] = (byte) (rest | MORE);
      rest >>>= BITS;
    }
    out[position++] = (byte) rest;
    return position;
  }

  /** Writes the value and returns the position after it. */
  static int write(byte[] out, int at, long value) {
    long rest = zigzag(value);
    int position = at;
    while ((rest & ~(long) PAYLOAD) != 0) {
      out[position++] = (byte) (rest | MORE);
      rest >>>= BITS;
    }
    out[position++] = (byte) rest;
    return position;
  }

  /** Reads at the buffer's position; CORRUPT_BATCH when cut off or longer than an int can be. */
  static int readInt(ByteBuffer in) {
    int raw = 0;
    for (int shift = 0; ; shift += BITS) {
      byte b = next(in);
      if (shift == LAST_INT_SHIFT && (b & LAST_INT_FORBIDDEN) != 0) {
        throw RecordBatch.corrupt("a varint does not fit 32 bits");
      }
      raw |= (b & PAYLOAD) << shift;
      if (b >= 0) {
        return (raw >>> 1) ^ -(raw & 1);
      }
    }
  }

  /** Reads at the buffer's position; CORRUPT_BATCH when cut off or longer than a long can be. */
  static long readLong(ByteBuffer in) {
    long raw = 0;
    for (int shift = 0; ; shift += BITS) {
      byte b = next(in);
      if (shift == LAST_LONG_SHIFT && (b & LAST_LONG_FORBIDDEN) != 0) {
        throw RecordBatch.corrupt("a varint does not fit 64 bits");
      }
      raw |= (long) (b & PAYLOAD) << shift;
      if (b >= 0) {
        return (raw >>> 1) ^ -(raw & 1);
      }
    }
  }

  private static byte next(ByteBuffer in) {
    if (!in.hasRemaining()) {
      throw RecordBatch.corrupt("a varint is cut off");
    }
    return in.get();
  }

  private static int zigzag(int value) {
    return (value << 1) ^ (value >> 31);
  }

  private static long zigzag(long value) {
    return (value << 1) ^ (value >> 63);
  }
}
