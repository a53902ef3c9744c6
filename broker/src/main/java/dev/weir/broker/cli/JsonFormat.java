package dev.weir.broker.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.weir.client.ReceiverRecord;
import dev.weir.core.record.RecordCursor;
import dev.weir.core.record.RecordHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One JSON object a line: the record's coordinates as record-level subscribers get them, and its
 * value. Bytes that are not UTF-8 travel as base64 under another name, so that nothing is lost.
 */
final class JsonFormat implements RecordFormat {
  private final JsonFactory factory = new JsonFactory();
  private final CharsetDecoder decoder = UTF_8.newDecoder(); // reports what is malformed

  @Override
  public void write(int partition, RecordCursor record, ByteSink out) throws IOException {
    List<RecordHeader> headers = record.headerCount() > 0 ? record.headers() : List.of();
    Coordinates where = new Coordinates(partition, record.offset(), record.timestamp());
    write(where, record.keyBytes(), headers, record.valueBytes(), out);
  }

  @Override
  public void write(ReceiverRecord<byte[], byte[]> record, ByteSink out) throws IOException {
    Coordinates where = new Coordinates(record.partition(), record.offset(), record.timestamp());
    write(where, record.key(), record.headers(), record.value(), out);
  }

  private record Coordinates(int partition, long offset, long timestamp) {}

  private void write(
      Coordinates where,
      byte @Nullable [] key,
      List<RecordHeader> headers,
      byte @Nullable [] value,
      ByteSink out)
      throws IOException {
    try (JsonGenerator json = factory.createGenerator(out)) {
      json.writeStartObject();
      json.writeNumberField("partition", where.partition());
      json.writeNumberField("offset", where.offset());
      json.writeNumberField("timestamp", where.timestamp());
      writeField(json, "key", key);
      if (!headers.isEmpty()) {
        writeHeaders(json, headers);
      }
      if (value == null) {
        json.writeBooleanField("tombstone", true);
      }
      writeField(json, "value", value);
      json.writeEndObject();
    }
    out.write('\n');
  }

  /** {@code name} or {@code nameBase64}; nothing for null. */
  private void writeField(JsonGenerator json, String name, byte @Nullable [] bytes)
      throws IOException {
    if (bytes == null) {
      return;
    }
    String text = textOrNull(bytes);
    if (text != null) {
      json.writeStringField(name, text);
    } else {
      json.writeBinaryField(name + "Base64", bytes);
    }
  }

  private void writeHeaders(JsonGenerator json, List<RecordHeader> headers) throws IOException {
    json.writeArrayFieldStart("headers");
    for (RecordHeader header : headers) {
      json.writeStartArray();
      json.writeString(header.key());
      byte[] value = header.value();
      String text = value == null ? null : textOrNull(value);
      if (value == null) {
        json.writeNull();
      } else if (text != null) {
        json.writeString(text);
      } else {
        json.writeStartObject();
        json.writeBinaryField("base64", value);
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    json.writeEndArray();
  }

  private @Nullable String textOrNull(byte[] bytes) {
    try {
      return decoder.decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }
}
