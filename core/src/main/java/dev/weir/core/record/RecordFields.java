package dev.weir.core.record;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one encoded record: where they lie, not what they hold. Reused from record to
 * record.
 */
final class RecordFields {
  private static final ByteBuffer NONE = ByteBuffer.allocate(0);

  private ByteBuffer body = NONE;
  private int bodyAt;
  private long timestampDelta;
  private int offsetDelta;
  private int keyAt;
  private int keySize;
  private int valueAt;
  private int valueSize;
  private int headersAt;
  private int headerCount;

  /** Finds and checks every field in the buffer's remaining bytes; CORRUPT_BATCH. */
  void read(ByteBuffer record) {
    body = record;
    bodyAt = record.position();
    skip(Byte.BYTES, "attributes");
    timestampDelta = Varint.readLong(record);
    offsetDelta = Varint.readInt(record);
    keySize = Varint.readInt(record);
    keyAt = record.position();
    skip(keySize, "key");
    valueSize = Varint.readInt(record);
    valueAt = record.position();
    skip(valueSize, "value");
    headerCount = Varint.readInt(record);
    if (headerCount < 0 || headerCount > record.remaining() / BatchLayout.MIN_RECORD_HEADER_BYTES) {
      throw RecordBatch.corrupt(
          headerCount + " headers do not fit in " + record.remaining() + " bytes");
    }
    headersAt = record.position();
    for (int i = 0; i < headerCount; i++) {
      int nameSize = Varint.readInt(record);
      if (nameSize < 0) {
        throw RecordBatch.corrupt("a header has no name");
      }
      skip(nameSize, "header name");
      skip(Varint.readInt(record), "header value");
    }
    if (record.hasRemaining()) {
      throw RecordBatch.corrupt(record.remaining() + " bytes follow its last field");
    }
  }

  long timestampDelta() {
    return timestampDelta;
  }

  int offsetDelta() {
    return offsetDelta;
  }

  int keySize() {
    return keySize;
  }

  int valueSize() {
    return valueSize;
  }

  int headerCount() {
    return headerCount;
  }

  /** Bytes of the whole record, without the length in front of it. */
  int bodySize() {
    return body.limit() - bodyAt;
  }

  void copyBody(byte[] target, int at) {
    body.get(bodyAt, target, at, bodySize());
  }

  void copyKey(byte[] target, int at) {
    if (keySize < 0) {
      throw new IllegalStateException("the record's key is null");
    }
    body.get(keyAt, target, at, keySize);
  }

  int payloadSize() {
    return Math.max(0, keySize) + Math.max(0, valueSize) + body.limit() - headersAt;
  }

  @Nullable ByteBuffer key() {
    return slice(keyAt, keySize);
  }

  @Nullable ByteBuffer value() {
    return slice(valueAt, valueSize);
  }

  byte @Nullable [] keyBytes() {
    return copy(keyAt, keySize);
  }

  byte @Nullable [] valueBytes() {
    return copy(valueAt, valueSize);
  }

  void copyValue(byte[] target, int at) {
    if (valueSize < 0) {
      throw new IllegalStateException("the record's value is null");
    }
    body.get(valueAt, target, at, valueSize);
  }

  List<RecordHeader> headers() {
    if (headerCount == 0) {
      return List.of();
    }
    List<RecordHeader> headers = new ArrayList<>(headerCount);
    ByteBuffer rest = body.duplicate().position(headersAt);
    for (int i = 0; i < headerCount; i++) {
      byte[] name = new byte[Varint.readInt(rest)];
      rest.get(name);
      int size = Varint.readInt(rest);
      byte[] value = null;
      if (size >= 0) {
        value = new byte[size];
        rest.get(value);
      }
      headers.add(new RecordHeader(new String(name, StandardCharsets.UTF_8), value));
    }
    return headers;
  }

  /** Passes over a field; a size of -1 stands for null. */
  private void skip(int size, String field) {
    if (size > body.remaining() || size < -1) {
      throw RecordBatch.corrupt(
          "its " + field + " of " + size + " bytes is cut off after " + body.remaining());
    }
    if (size > 0) {
      body.position(body.position() + size);
    }
  }

  private @Nullable ByteBuffer slice(int at, int size) {
    return size < 0 ? null : body.slice(at, size);
  }

  private byte @Nullable [] copy(int at, int size) {
    if (size < 0) {
      return null;
    }
    byte[] bytes = new byte[size];
    body.get(at, bytes);
    return bytes;
  }
}
