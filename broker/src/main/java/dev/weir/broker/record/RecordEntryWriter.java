package dev.weir.broker.record;

import dev.weir.core.record.RecordCursor;
import dev.weir.core.record.RecordHeader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes the metadata entry of records that go out, and the answers to those that came in. One
 * thread.
 */
final class RecordEntryWriter {
  private final JsonBytes json = new JsonBytes();
  private final CharsetDecoder utf8 =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);

  /** Of the cursor's current record. */
  ByteBuffer entry(int partition, RecordCursor record) {
    coordinates(partition, record.offset(), record.timestamp());
    content(
        record.keyBytes(),
        record.headerCount() > 0 ? record.headers() : List.of(),
        record.valueSize() < 0);
    return json.raw("}").take();
  }

  /**
   * @param passedOver records that this and later ones have replaced since the last delivered one
   */
  ByteBuffer entry(int partition, KeptRecord record, long passedOver) {
    coordinates(partition, record.offset(), record.timestamp());
    content(record.key(), record.headers(), record.value() == null);
    if (passedOver > 0) {
      json.raw(",\"conflated\":").number(passedOver);
    }
    return json.raw("}").take();
  }

  private void coordinates(int partition, long offset, long timestamp) {
    json.raw("{\"partition\":").number(partition);
    json.raw(",\"offset\":").number(offset);
    json.raw(",\"timestamp\":").number(timestamp);
  }

  private void content(byte @Nullable [] key, List<RecordHeader> headers, boolean tombstone) {
    if (key != null) {
      writeKey(key);
    }
    if (!headers.isEmpty()) {
      writeHeaders(headers);
    }
    if (tombstone) {
      json.raw(",\"tombstone\":true");
    }
  }

  /** The answer to one record. */
  static ByteBuffer answer(int partition, long offset) {
    JsonBytes answer = new JsonBytes().raw("{\"partition\":").number(partition);
    return answer.raw(",\"offset\":").number(offset).raw("}").take();
  }

  private void writeKey(byte[] key) {
    if (JsonBytes.isPlain(key)) {
      json.raw(",\"key\":").inQuotes(key);
      return;
    }
    @Nullable String text = text(key);
    if (text != null) {
      json.raw(",\"key\":").string(text);
    } else {
      json.raw(",\"keyBase64\":").inQuotes(Base64.getEncoder().encode(key));
    }
  }

  private void writeHeaders(List<RecordHeader> headers) {
    String separator = ",\"headers\":[[";
    for (RecordHeader header : headers) {
      json.raw(separator).string(header.key()).raw(",");
      byte @Nullable [] value = header.value();
      @Nullable String text = value == null ? null : text(value);
      if (value == null) {
        json.raw("null");
      } else if (text != null) {
        json.string(text);
      } else {
        json.raw("{\"base64\":").inQuotes(Base64.getEncoder().encode(value)).raw("}");
      }
      separator = "],[";
    }
    json.raw("]]");
  }

  /** Null when the bytes are no UTF-8. */
  private @Nullable String text(byte[] bytes) {
    try {
      CharBuffer chars = utf8.decode(ByteBuffer.wrap(bytes));
      return chars.toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }
}
