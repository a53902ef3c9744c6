package dev.weir.core.record;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** How many bytes a record takes at most, before it is written. */
public final class RecordSizes {
  /** Attributes, timestamp delta, offset delta, key length, value length, header count. */
  static final int MAX_BODY_OVERHEAD = 1 + Varint.MAX_LONG_BYTES + 4 * Varint.MAX_INT_BYTES;

  private static final int MAX_OVERHEAD = Varint.MAX_INT_BYTES + MAX_BODY_OVERHEAD;

  private static final int MAX_HEADER_OVERHEAD = 2 * Varint.MAX_INT_BYTES;

  /** A UTF-16 unit becomes at most three bytes of UTF-8. */
  private static final int MAX_BYTES_PER_CHAR = 3;

  private RecordSizes() {}

  /** An upper bound for the bytes the record adds to an uncompressed batch. */
  public static long estimate(
      byte @Nullable [] key, byte @Nullable [] value, List<RecordHeader> headers) {
    return MAX_OVERHEAD + payload(key, value, headers);
  }

  /** An upper bound for the size of an uncompressed batch with this record alone. */
  public static long estimateBatch(
      byte @Nullable [] key, byte @Nullable [] value, List<RecordHeader> headers) {
    return RecordBatch.HEADER_BYTES + estimate(key, value, headers);
  }

  /**
   * Bytes of key, value and encoded headers: what the record limit counts. Exact without headers,
   * otherwise an upper bound.
   */
  public static long payload(
      byte @Nullable [] key, byte @Nullable [] value, List<RecordHeader> headers) {
    long bytes = sizeOf(key) + sizeOf(value);
    for (RecordHeader header : headers) {
      bytes += MAX_HEADER_OVERHEAD;
      bytes += (long) header.key().length() * MAX_BYTES_PER_CHAR;
      bytes += sizeOf(header.value());
    }
    return bytes;
  }

  private static long sizeOf(byte @Nullable [] bytes) {
    return bytes == null ? 0 : bytes.length;
  }
}
