package dev.weir.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.io.IOException;

/**
 * Keys and values as JSON, by Jackson. Whoever uses it has {@code jackson-databind} on the class
 * path; the client itself does without.
 *
 * <p>What is returned has no state of its own and may be shared; mappers must not be configured any
 * more once they are in use. Errors are {@link WeirException}s INVALID_RECORD that name the topic:
 * of a serializer they fail that record alone, of a deserializer they end the subscription.
 */
public final class JsonSerializers {
  private JsonSerializers() {}

  /** Writes values of any type that the mapper knows. */
  public static <T> Serializer<T> json(ObjectMapper mapper) {
    ObjectWriter writer = mapper.writer();
    return (topic, value) -> {
      try {
        return writer.writeValueAsBytes(value);
      } catch (JsonProcessingException e) {
        throw invalid("a " + value.getClass().getName() + " for topic '" + topic + "'", e);
      }
    };
  }

  /** Reads values of one class. */
  public static <T> Deserializer<T> toJson(ObjectMapper mapper, Class<T> type) {
    return reading(mapper.readerFor(type), type.getName());
  }

  /** Reads values of a generic type, {@code new TypeReference<List<Reading>>() {}}. */
  public static <T> Deserializer<T> toJson(ObjectMapper mapper, TypeReference<T> type) {
    return reading(mapper.readerFor(type), type.getType().getTypeName());
  }

  private static <T> Deserializer<T> reading(ObjectReader reader, String type) {
    return (topic, bytes) -> {
      try {
        return reader.readValue(Serializers.toBytes().deserialize(topic, bytes));
      } catch (IOException e) {
        throw invalid("a record of topic '" + topic + "' as " + type, e);
      }
    };
  }

  private static WeirException invalid(String what, IOException cause) {
    String reason =
        cause instanceof JsonProcessingException json
            ? json.getOriginalMessage() // without the document, which may be confidential
            : cause.getMessage();
    return new WeirException(
        ErrorCode.INVALID_RECORD, "JSON of " + what + " fails: " + reason, cause);
  }
}
