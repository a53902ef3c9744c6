package dev.weir.broker.record;

import dev.weir.broker.record.RecordFilter.HeaderMatch;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads the option {@code where}: {@code {"keys":["k",{"base64":"…"}],"headers":[["name","value"],
 * ["name",{"prefix":"…"}]]}}. Errors name the field.
 */
final class RecordFilterReader {
  private static final int MAX_KEYS = 1000;
  private static final int MAX_HEADERS = 16;

  private final StrictJson json;
  private final Set<ByteBuffer> keys = new HashSet<>();
  private final List<HeaderMatch> headers = new ArrayList<>();

  private RecordFilterReader(StrictJson json) {
    this.json = json;
  }

  static RecordFilter read(StrictJson json) {
    RecordFilterReader reader = new RecordFilterReader(json);
    int[] fields = new int[1];
    json.object(
        "where",
        name -> {
          fields[0]++;
          reader.field(name);
        });
    if (fields[0] == 0) {
      throw json.wrongType("where", "an object with keys or headers");
    }
    return new RecordFilter(reader.keys, reader.headers);
  }

  private void field(String name) {
    switch (name) {
      case "keys" -> keys();
      case "headers" -> headers();
      default -> throw json.unknownField("where." + name, "keys, headers");
    }
  }

  private void keys() {
    json.array(
        "where.keys",
        () -> {
          keys.add(ByteBuffer.wrap(json.atString() ? text("where.keys") : base64()));
          requireAtMost(MAX_KEYS, keys.size(), "where.keys");
        });
    if (keys.isEmpty()) {
      throw json.wrongType("where.keys", "at least one key");
    }
  }

  private byte[] base64() {
    byte[][] value = new byte[1][];
    json.object(
        "where.keys",
        name -> {
          if (!name.equals("base64")) {
            throw json.unknownField("where.keys." + name, "base64");
          }
          value[0] = json.base64("where.keys.base64");
        });
    if (value[0] == null) {
      throw json.wrongType("where.keys", "an array of \"key\" or {\"base64\": \"…\"}");
    }
    return value[0];
  }

  private void headers() {
    json.array(
        "where.headers",
        () -> {
          header();
          requireAtMost(MAX_HEADERS, headers.size(), "where.headers");
        });
    if (headers.isEmpty()) {
      throw json.wrongType("where.headers", "at least one header");
    }
  }

  private void header() {
    List<String> name = new ArrayList<>(1);
    int before = headers.size();
    json.array(
        "where.headers",
        () -> {
          if (name.isEmpty()) {
            name.add(json.string("where.headers"));
          } else if (headers.size() == before) {
            headers.add(match(name.get(0)));
          } else {
            throw notAPair();
          }
        });
    if (headers.size() != before + 1) {
      throw notAPair();
    }
  }

  private HeaderMatch match(String name) {
    if (json.atString()) {
      return new HeaderMatch(name, text("where.headers"), false);
    }
    byte[][] prefix = new byte[1][];
    json.object(
        "where.headers",
        field -> {
          if (!field.equals("prefix")) {
            throw json.unknownField("where.headers." + field, "prefix");
          }
          prefix[0] = text("where.headers.prefix");
        });
    if (prefix[0] == null) {
      throw notAPair();
    }
    return new HeaderMatch(name, prefix[0], true);
  }

  private WeirException notAPair() {
    return json.wrongType(
        "where.headers", "an array of [\"name\", \"value\" or {\"prefix\": \"…\"}]");
  }

  private byte[] text(String path) {
    return json.string(path).getBytes(StandardCharsets.UTF_8);
  }

  private static void requireAtMost(int most, int size, String path) {
    if (size > most) {
      throw new WeirException(
          ErrorCode.INVALID_REQUEST, "'" + path + "' has more than " + most + " entries");
    }
  }
}
