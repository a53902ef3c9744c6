package dev.weir.broker.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordEntryReaderTest {
  @Test
  void nothingIsAnEntryToo() {
    assertThat(RecordEntryReader.read(null)).isSameAs(RecordEntry.NONE);
    assertThat(read("").partition()).isEqualTo(-1);
    assertThat(read("{}").timestamp()).isEqualTo(-1);
  }

  @Test
  void readsEveryField() {
    RecordEntry entry =
        read(
            "{\"partition\":3,\"timestamp\":5,\"key\":\"ä\",\"tombstone\":true,"
                + "\"headers\":[[\"a\",\"b\"],[\"a\",{\"base64\":\"AP8=\"}],[\"n\",null]]}");
    assertThat(entry.partition()).isEqualTo(3);
    assertThat(entry.timestamp()).isEqualTo(5);
    assertThat(entry.key()).isEqualTo("ä".getBytes(StandardCharsets.UTF_8));
    assertThat(entry.tombstone()).isTrue();
    assertThat(entry.headers()).hasSize(3);
    assertThat(entry.headers().get(0).value()).isEqualTo(new byte[] {'b'});
    assertThat(entry.headers().get(1).value()).isEqualTo(new byte[] {0, -1});
    assertThat(entry.headers().get(2).value()).isNull();
  }

  @Test
  void readsBinaryKeys() {
    assertThat(read("{\"keyBase64\":\"AP8=\"}").key()).isEqualTo(new byte[] {0, -1});
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"kee\":1} | unknown field 'kee'; known are partition, timestamp, key",
        "{\"offset\":1} | unknown field 'offset'",
        "{\"partition\":-1} | field 'partition' of the record's metadata is -1",
        "{\"partition\":\"1\"} | field 'partition' of the record's metadata must be a whole number",
        "{\"partition\":1.5} | field 'partition'",
        "{\"timestamp\":99999999999999999999} | field 'timestamp'",
        "{\"key\":7} | field 'key' of the record's metadata must be a string",
        "{\"key\":\"a\",\"keyBase64\":\"YQ==\"} | both 'key' and 'keyBase64'",
        "{\"keyBase64\":\"#\"} | field 'keyBase64' of the record's metadata must be Base64",
        "{\"key\":\"a\",\"key\":\"b\"} | Duplicate field 'key'",
        "{\"tombstone\":1} | field 'tombstone' of the record's metadata must be true or false",
        "{\"headers\":[\"a\"]} | field 'headers'",
        "{\"headers\":[[\"a\"]]} | field 'headers'",
        "{\"headers\":[[\"a\",\"b\",\"c\"]]} | field 'headers'",
        "{\"headers\":[[\"a\",{\"base65\":\"\"}]]} | unknown field 'headers.base65'",
        "{\"headers\":[[\"a\",{}]]} | field 'headers'",
        "{\"headers\":[[\"a\",7]]} | field 'headers'",
        "[] | the record's metadata must be an object",
        "{} {} | text after its end",
        "{\"key\":\"a\" | not JSON",
        "hello | not JSON"
      })
  void saysWhatIsWrong(String json, String words) {
    assertThatThrownBy(() -> read(json))
        .hasMessageContaining(words)
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
  }

  private static RecordEntry read(String json) {
    return RecordEntryReader.read(ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8)));
  }
}
