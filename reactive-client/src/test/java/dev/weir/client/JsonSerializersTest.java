package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonSerializersTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  record Reading(String sensor, double value) {}

  @Test
  void whatIsWrittenIsReadAgain() {
    Reading reading = new Reading("boiler", 21.5);
    byte[] bytes = JsonSerializers.<Reading>json(MAPPER).serialize("readings", reading);

    assertThat(new String(bytes, StandardCharsets.UTF_8))
        .isEqualTo("{\"sensor\":\"boiler\",\"value\":21.5}");
    assertThat(
            JsonSerializers.toJson(MAPPER, Reading.class)
                .deserialize("readings", ByteBuffer.wrap(bytes)))
        .isEqualTo(reading);
  }

  @Test
  void readsGenericTypesAndLeavesTheBufferWhereItIs() {
    ByteBuffer bytes =
        ByteBuffer.wrap("xx[{\"sensor\":\"a\",\"value\":1}]".getBytes(StandardCharsets.UTF_8));
    bytes.position(2);

    assertThat(
            JsonSerializers.toJson(MAPPER, new TypeReference<List<Reading>>() {})
                .deserialize("readings", bytes.asReadOnlyBuffer()))
        .containsExactly(new Reading("a", 1));
    assertThat(bytes.position()).isEqualTo(2);
  }

  @Test
  void whatCannotBeReadIsNamedWithoutItsContent() {
    ByteBuffer bytes = ByteBuffer.wrap("{\"secret\":1}".getBytes(StandardCharsets.UTF_8));

    assertThatThrownBy(
            () -> JsonSerializers.toJson(MAPPER, Reading.class).deserialize("readings", bytes))
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_RECORD))
        .hasMessageContaining("a record of topic 'readings' as " + Reading.class.getName());
    assertThatThrownBy(
            () ->
                JsonSerializers.toJson(MAPPER, Reading.class)
                    .deserialize("readings", ByteBuffer.allocate(0)))
        .isInstanceOf(WeirException.class);
  }

  @Test
  void whatCannotBeWrittenIsNamed() {
    Object unwritable = List.of(new Unwritable());

    assertThatThrownBy(() -> JsonSerializers.json(MAPPER).serialize("readings", unwritable))
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_RECORD))
        .hasMessageContaining("for topic 'readings'");
  }

  private static final class Unwritable {}
}
