package dev.weir.broker.group.format;

import java.nio.ByteBuffer;

/** Unsigned numbers, seven bits a byte, lowest first; the top bit says that more follow. */
final class UnsignedVarint {
  private static final int BITS = 7;
  private static final int MORE = 0x80;
  private static final int PAYLOAD = 0x7f;
  static final int MAX_BYTES = 10;

  private UnsignedVarint() {}

  static void write(ByteBuffer out, long value) {
    long rest = value;
    while ((rest & ~(long) PAYLOAD) != 0) {
      out.put((byte) (rest | MORE));
      rest >>>= BITS;
    }
    out.put((byte) rest);
  }

  /** CORRUPT_BATCH when it is too long; throws BufferUnderflowException when it is cut off. */
  static long read(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += BITS) {
      byte b = in.get();
      value |= (long) (b & PAYLOAD) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw RecordCodec.corrupt("a number is too long", null);
  }

  /** A number of things, each of which takes a byte at least. */
  static int readCount(ByteBuffer in) {
    long count = read(in);
    if (count < 0 || count > in.remaining()) {
      throw RecordCodec.corrupt("it says that " + count + " things follow", null);
    }
    return (int) count;
  }
}
