package dev.weir.core.record;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** How many bytes a record takes, before it is written. */
public final class RecordSizes {
  /** The most bytes around key, value and headers: seven lengths and deltas and the attributes. */
  private static final int MAX_OVERHEAD = 5 + 1 + 10 + 5 + 5 + 5 + 5;

  private static final int MAX_HEADER_OVERHEAD = 5 + 5;

  /** A UTF-16 unit becomes at most three bytes of UTF-8. */
  private static final int MAX_BYTES_PER_CHAR = 3;

  private RecordSizes() {}

  /** An upper bound for the bytes the record adds to an uncompressed batch. */
  public static long estimate(
      byte @Nullable [] key, byte @Nullable [] value, List<RecordHeader> headers) {
    return MAX_OVERHEAD + upperBound(key, value, headers, MAX_HEADER_OVERHEAD);
  }

  /** An upper bound for the size of an uncompressed batch with this record alone. */
  public static long estimateBatch(
      byte @Nullable [] key, byte @Nullable [] value, List<RecordHeader> headers) {
    return RecordBatch.HEADER_BYTES + estimate(key, value, headers);
  }

  /** Bytes of key, value and headers (names counted at three bytes a character): what the record limit counts, at most. */
  public static long payload(
      byte @Nullable [] key, byte @Nullable [] value, List<RecordHeader> headers) {
    return upperBound(key, value, headers, 0);
  }

  private static long upperBound(
      byte @Nullable [] key,
      byte @Nullable [] value,
      List<RecordHeader> headers,
      int overheadPerHeader) {
    long bytes = sizeOf(key) + sizeOf(value);
    for (RecordHeader header : headers) {
      bytes += overheadPerHeader;
      bytes += (long) header.key().length() * MAX_BYTES_PER_CHAR;
      bytes += sizeOf(header.value());
    }
    return bytes;
  }

  private static long sizeOf(byte @Nullable [] bytes) {
    return bytes == null ? 0 : bytes.length;
  }
}
