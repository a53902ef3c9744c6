package dev.weir.broker.record;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON of a fixed shape, token by token; whatever does not fit is INVALID_REQUEST naming the
 * place. One thread.
 */
final class StrictJson implements AutoCloseable {
  static final JsonFactory FACTORY =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final String what;
  private final JsonParser parser;
  private @Nullable JsonToken token;

  /**
   * @param what names the document in errors, for example "the subscribe request"
   */
  StrictJson(String what, ByteBuffer utf8) {
    this.what = what;
    byte[] bytes = new byte[utf8.remaining()];
    utf8.get(utf8.position(), bytes);
    try {
      this.parser = FACTORY.createParser(bytes);
    } catch (IOException e) {
      throw notJson(e);
    }
    advance();
  }

  /** Called for each field of an object; must consume its value. */
  interface FieldReader {
    void read(String field);
  }

  /** Reads an object, the whole of it. */
  void object(String path, FieldReader reader) {
    require(JsonToken.START_OBJECT, path, "an object");
    while (token == JsonToken.FIELD_NAME) {
      String field = text();
      advance();
      reader.read(field);
    }
    require(JsonToken.END_OBJECT, path, "an object");
  }

  /** Reads an array, the whole of it. */
  void array(String path, Runnable element) {
    require(JsonToken.START_ARRAY, path, "an array");
    while (token != JsonToken.END_ARRAY && token != null) {
      element.run();
    }
    require(JsonToken.END_ARRAY, path, "an array");
  }

  boolean atString() {
    return token == JsonToken.VALUE_STRING;
  }

  boolean atNull() {
    return token == JsonToken.VALUE_NULL;
  }

  String string(String path) {
    if (token != JsonToken.VALUE_STRING) {
      throw wrongType(path, "a string");
    }
    String value = text();
    advance();
    return value;
  }

  /** A string of Base64. */
  byte[] base64(String path) {
    String text = string(path);
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw wrongType(path, "Base64");
    }
  }

  void nullValue(String path) {
    require(JsonToken.VALUE_NULL, path, "null");
  }

  boolean bool(String path) {
    boolean value = token == JsonToken.VALUE_TRUE;
    if (!value && token != JsonToken.VALUE_FALSE) {
      throw wrongType(path, "true or false");
    }
    advance();
    return value;
  }

  /** A whole number from {@code min} to {@code max}. */
  long integer(String path, long min, long max) {
    String expected = "a whole number from " + min + " to " + max;
    if (token != JsonToken.VALUE_NUMBER_INT) {
      throw wrongType(path, expected);
    }
    long value;
    try {
      value = parser.getLongValue();
    } catch (IOException e) {
      throw new WeirException(ErrorCode.INVALID_REQUEST, field(path) + " must be " + expected, e);
    }
    if (value < min || value > max) {
      throw new WeirException(
          ErrorCode.INVALID_REQUEST, field(path) + " is " + value + " but must be " + expected);
    }
    advance();
    return value;
  }

  /** Nothing may follow. */
  void end() {
    if (token != null) {
      throw new WeirException(ErrorCode.INVALID_REQUEST, what + " has text after its end");
    }
  }

  WeirException wrongType(String path, String expected) {
    return new WeirException(ErrorCode.INVALID_REQUEST, field(path) + " must be " + expected);
  }

  WeirException unknownField(String path, String known) {
    return new WeirException(
        ErrorCode.INVALID_REQUEST,
        what + " has an unknown field '" + path + "'; known are " + known);
  }

  private String field(String path) {
    return path.isEmpty() ? what : "field '" + path + "' of " + what;
  }

  private void require(JsonToken expected, String path, String name) {
    if (token != expected) {
      throw wrongType(path, name);
    }
    advance();
  }

  private String text() {
    try {
      return parser.getText();
    } catch (IOException e) {
      throw notJson(e);
    }
  }

  private void advance() {
    try {
      token = parser.nextToken();
    } catch (IOException e) {
      throw notJson(e);
    }
  }

  private WeirException notJson(IOException e) {
    String message = String.valueOf(e.getMessage());
    int end = message.indexOf('\n');
    return new WeirException(
        ErrorCode.INVALID_REQUEST,
        what + " is not JSON: " + (end < 0 ? message : message.substring(0, end)),
        e);
  }

  @Override
  public void close() {
    try {
      parser.close();
    } catch (IOException e) {
      throw notJson(e);
    }
  }
}
