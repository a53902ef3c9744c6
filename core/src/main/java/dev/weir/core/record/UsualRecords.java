package dev.weir.core.record;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A quick look over a batch that accepts what nearly all batches are: uncompressed, offset deltas
 * without gaps, no record headers, no field of a MiB or more. What it does not accept may be valid
 * as well: {@link RecordCursor} decides, and finds the words when it is not.
 *
 * <p>Fields are taken from eight bytes at a time, in a register: reading each byte through the
 * buffer costs more than the checksum and, for small records, as much as writing the batch.
 */
final class UsualRecords {
  /** No timestamp that a batch may have. */
  static final long UNUSUAL = Long.MIN_VALUE;

  private static final int WIDEST = 3;
  private static final int UNUSUAL_WIDTH = 8;

  private UsualRecords() {}

  /**
   * The largest timestamp when every record is whole, in its place, at most {@code maxRecordBytes}
   * large and from a time between the two, inclusive; else {@link #UNUSUAL}. The batch has create
   * time.
   *
   * @param earliest at least -1
   */
  static long largestTimestamp(RecordBatch batch, int maxRecordBytes, long earliest, long latest) {
    if (batch.compression() != Compression.NONE) {
      return UNUSUAL;
    }
    ByteBuffer bytes = batch.buffer().order(ByteOrder.LITTLE_ENDIAN);
    int end = bytes.limit();
    int count = batch.recordCount();
    long baseTimestamp = batch.baseTimestamp();
    long largest = UNUSUAL;
    int at = RecordBatch.HEADER_BYTES;
    for (int i = 0; i < count; i++) {
      long word = eightBytes(bytes, at, end);
      int width = width(word);
      int bodyAt = at + width;
      int size = value(word, width);
      word = word >>> (Byte.SIZE * width) >>> Byte.SIZE; // the attributes mean nothing
      width += width(word);
      long timestamp = baseTimestamp + value(word, width(word));
      int deltaAt = at + 1 + width;

      word = eightBytes(bytes, deltaAt, end);
      int deltaWidth = width(word);
      int delta = value(word, deltaWidth);
      word >>>= Byte.SIZE * deltaWidth;
      int keySize = value(word, width(word));
      int valueSizeAt = deltaAt + deltaWidth + width(word) + Math.max(0, keySize);
      boolean usual = width <= 2 * WIDEST && deltaWidth + width(word) <= 2 * WIDEST;
      if (!usual || delta != i || keySize < -1 || size < 0 || size > end - bodyAt) {
        return UNUSUAL;
      }
      word = eightBytes(bytes, valueSizeAt, end);
      int valueSize = value(word, width(word));
      int headersAt = valueSizeAt + width(word) + Math.max(0, valueSize);
      at = bodyAt + size;
      if (width(word) > WIDEST
          || valueSize < -1
          || headersAt != at - 1
          || bytes.get(headersAt) != 0) {
        return UNUSUAL;
      }
      if (Math.max(0, keySize) + Math.max(0, valueSize) > maxRecordBytes
          || timestamp < earliest
          || timestamp > latest) {
        return UNUSUAL;
      }
      largest = Math.max(largest, timestamp);
    }
    return at == end ? largest : UNUSUAL;
  }

  /** The bytes from there on, the first one lowest; zeros beyond the end. */
  private static long eightBytes(ByteBuffer bytes, int at, int end) {
    if (at <= end - Long.BYTES) {
      return bytes.getLong(at);
    }
    long word = 0;
    for (int i = 0; at + i < end; i++) {
      word |= (bytes.get(at + i) & 0xffL) << (Byte.SIZE * i);
    }
    return word;
  }

  /** How many of the word's bytes its first varint has. */
  private static int width(long word) {
    if ((word & 0x80) == 0) {
      return 1;
    }
    if ((word & 0x8000) == 0) {
      return 2;
    }
    return (word & 0x80_0000) == 0 ? WIDEST : UNUSUAL_WIDTH;
  }

  /** The zigzag value of the varint that the word begins with. */
  private static int value(long word, int width) {
    long bits = (word & 0x7f) | ((word >>> 1) & 0x3f80) | ((word >>> 2) & 0x1f_c000);
    int raw = (int) (bits & ((1L << (7 * width)) - 1));
    return (raw >>> 1) ^ -(raw & 1);
  }
}
