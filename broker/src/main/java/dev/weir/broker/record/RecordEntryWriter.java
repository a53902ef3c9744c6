package dev.weir.broker.record;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import dev.weir.core.record.RecordCursor;
import dev.weir.core.record.RecordHeader;
import java.io.IOException;
import java.io.UncheckedIOException;
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
  private static final int TYPICAL_BYTES = 128;

  private final CharsetDecoder utf8 =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);

  /** Of the cursor's current record. */
  ByteBuffer entry(int partition, RecordCursor record) {
    return write(
        json -> {
          json.writeNumberField("partition", partition);
          json.writeNumberField("offset", record.offset());
          json.writeNumberField("timestamp", record.timestamp());
          byte @Nullable [] key = record.keyBytes();
          if (key != null) {
            writeKey(json, key);
          }
          if (record.headerCount() > 0) {
            writeHeaders(json, record);
          }
          if (record.valueSize() < 0) {
            json.writeBooleanField("tombstone", true);
          }
        });
  }

  /** The answer to one record. */
  static ByteBuffer answer(int partition, long offset) {
    return write(
        json -> {
          json.writeNumberField("partition", partition);
          json.writeNumberField("offset", offset);
        });
  }

  private void writeKey(JsonGenerator json, byte[] key) throws IOException {
    @Nullable String text = text(key);
    if (text != null) {
      json.writeStringField("key", text);
    } else {
      json.writeStringField("keyBase64", Base64.getEncoder().encodeToString(key));
    }
  }

  private void writeHeaders(JsonGenerator json, RecordCursor record) throws IOException {
    json.writeArrayFieldStart("headers");
    for (RecordHeader header : record.headers()) {
      json.writeStartArray();
      json.writeString(header.key());
      byte @Nullable [] value = header.value();
      @Nullable String text = value == null ? null : text(value);
      if (value == null) {
        json.writeNull();
      } else if (text != null) {
        json.writeString(text);
      } else {
        json.writeStartObject();
        json.writeStringField("base64", Base64.getEncoder().encodeToString(value));
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    json.writeEndArray();
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

  private interface Fields {
    void write(JsonGenerator json) throws IOException;
  }

  private static ByteBuffer write(Fields fields) {
    ByteArrayBuilder bytes = new ByteArrayBuilder(TYPICAL_BYTES);
    try (JsonGenerator json = StrictJson.FACTORY.createGenerator(bytes)) {
      json.writeStartObject();
      fields.write(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return ByteBuffer.wrap(bytes.toByteArray());
  }
}
