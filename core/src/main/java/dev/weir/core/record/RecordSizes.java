package dev.weir.core.record;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How many bytes a record takes, before it is written. */
public final class RecordSizes {
  /** Attributes, timestamp delta, offset delta, key length, value length, header count. */
  static final int MAX_BODY_OVERHEAD = 1 + Varint.MAX_LONG_BYTES + 4 * Varint.MAX_INT_BYTES;

  private static final int MAX_OVERHEAD = Varint.MAX_INT_BYTES + MAX_BODY_OVERHEAD;

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

  /** Bytes of key, value and encoded headers: exactly what the record limit counts. */
  public static long payload(
      byte @Nullable [] key, byte @Nullable [] value, List<RecordHeader> headers) {
    long bytes = sizeOf(key) + sizeOf(value);
    for (RecordHeader header : headers) {
      byte @Nullable [] headerValue = header.value();
      int nameBytes = header.key().getBytes(StandardCharsets.UTF_8).length;
      bytes += Varint.sizeOf(nameBytes) + nameBytes;
      bytes += Varint.sizeOf(headerValue == null ? -1 : headerValue.length) + sizeOf(headerValue);
    }
    return bytes;
  }

  private static long sizeOf(byte @Nullable [] bytes) {
    return bytes == null ? 0 : bytes.length;
  }
}
