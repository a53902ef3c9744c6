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
    json.raw("{\"partition\":").number(partition);
    json.raw(",\"offset\":").number(record.offset());
    json.raw(",\"timestamp\":").number(record.timestamp());
    byte @Nullable [] key = record.keyBytes();
    if (key != null) {
      writeKey(key);
    }
    if (record.headerCount() > 0) {
      writeHeaders(record);
    }
    if (record.valueSize() < 0) {
      json.raw(",\"tombstone\":true");
    }
    return json.raw("}").take();
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

  private void writeHeaders(RecordCursor record) {
    String separator = ",\"headers\":[[";
    for (RecordHeader header : record.headers()) {
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
