package dev.weir.broker.record;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.record.RecordHeader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the metadata entry of one record that comes in. */
final class RecordEntryReader {
  /** Each is several objects, however short. */
  private static final int MOST_HEADERS = 10_000;

  private static final String WHAT = "the record's metadata";
  private static final String KNOWN = "partition, timestamp, key, keyBase64, headers, tombstone";

  private final StrictJson json;
  private final List<RecordHeader> headers = new ArrayList<>();
  private int partition = -1;
  private long timestamp = -1;
  private byte @Nullable [] key;
  private boolean tombstone;

  private RecordEntryReader(StrictJson json) {
    this.json = json;
  }

  /** INVALID_REQUEST naming the field that is unknown or of another type. */
  static RecordEntry read(@Nullable ByteBuffer entry) {
    if (entry == null || !entry.hasRemaining()) {
      return RecordEntry.NONE;
    }
    try (StrictJson json = new StrictJson(WHAT, entry)) {
      RecordEntryReader reader = new RecordEntryReader(json);
      json.object("", reader::field);
      json.end();
      return new RecordEntry(
          reader.partition,
          reader.timestamp,
          reader.key,
          List.copyOf(reader.headers),
          reader.tombstone);
    }
  }

  private void field(String name) {
    switch (name) {
      case "partition" -> partition = (int) json.integer(name, 0, Integer.MAX_VALUE);
      case "timestamp" -> timestamp = json.integer(name, 0, Long.MAX_VALUE);
      case "key" -> takeKey(json.string(name).getBytes(StandardCharsets.UTF_8));
      case "keyBase64" -> takeKey(json.base64(name));
      case "headers" -> json.array(name, this::header);
      case "tombstone" -> tombstone = json.bool(name);
      default -> throw json.unknownField(name, KNOWN);
    }
  }

  private void takeKey(byte[] bytes) {
    if (key != null) {
      throw new WeirException(
          ErrorCode.INVALID_REQUEST, WHAT + " has both 'key' and 'keyBase64'; one is enough");
    }
    key = bytes;
  }

  private void header() {
    if (headers.size() == MOST_HEADERS) {
      throw new WeirException(
          ErrorCode.INVALID_REQUEST, WHAT + " has more than " + MOST_HEADERS + " headers");
    }
    List<Object> pair = new ArrayList<>(2);
    json.array(
        "headers",
        () -> {
          if (pair.isEmpty()) {
            pair.add(json.string("headers"));
          } else if (pair.size() == 1) {
            headers.add(new RecordHeader((String) pair.get(0), headerValue()));
            pair.add(pair);
          } else {
            throw notAPair();
          }
        });
    if (pair.size() != 2) {
      throw notAPair();
    }
  }

  private byte @Nullable [] headerValue() {
    if (json.atNull()) {
      json.nullValue("headers");
      return null;
    }
    if (json.atString()) {
      return json.string("headers").getBytes(StandardCharsets.UTF_8);
    }
    byte[][] value = new byte[1][];
    json.object(
        "headers",
        name -> {
          if (!name.equals("base64")) {
            throw json.unknownField("headers." + name, "base64");
          }
          value[0] = json.base64("headers.base64");
        });
    if (value[0] == null) {
      throw notAPair();
    }
    return value[0];
  }

  private WeirException notAPair() {
    return json.wrongType("headers", "an array of [\"key\", \"value\" or {\"base64\": \"…\"}]");
  }
}
