package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BrokerSettingsTest {
  @Test
  void hasDefaults() {
    BrokerSettings settings = BrokerSettings.load(null, Map.of());
    assertThat(settings.dataDir()).isEqualTo(Path.of("./weir-data"));
    assertThat(settings.listeners())
        .isEqualTo(new ListenerSettings("127.0.0.1", 9800, 9801, "", Set.of()));
    assertThat(settings.limits().streamCredits()).isEqualTo(1L << 30);
  }

  @Test
  void overridesGoBeforeTheFile(@TempDir Path dir) throws IOException {
    Path file =
        Files.writeString(
            dir.resolve("weir.properties"),
            "port=7000\nhttp.port=7001\ntopic.durability=replicated\n");
    BrokerSettings settings = BrokerSettings.load(file, Map.of("port", "8000"));
    assertThat(settings.listeners().port()).isEqualTo(8000);
    assertThat(settings.listeners().httpPort()).isEqualTo(7001);
    assertThat(settings.topicDefaults()).isEqualTo(Map.of("durability", "replicated"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "prot | 9800 | there is no setting 'prot'",
        "port | many | 'port' is 'many' but must be a whole number",
        "port | 70000 | 'port' is '70000' but must be 0 to 65535",
        "host | \" \" | 'host' is",
        "threads.io | 0 | 'threads.io' is '0' but must be 1 to 256",
        "inbound.bytes | 5 | 'inbound.bytes' is '5' but must be at least 1 MiB",
        "stream.credits.max | 2147483648 | 'stream.credits.max'",
        "topic.segment.byte | 4096 | there is no topic setting 'segment.byte'",
        "topic.segment.bytes | 4 | topic setting 'segment.bytes' is '4' but must be a whole number from 1024",
        "topic.durability | maybe | 'durability' is 'maybe' but must be one of"
      })
  void refusesToStartNamingTheKey(String key, String value, String words) {
    assertRefused(() -> BrokerSettings.load(null, Map.of(key, value)), words);
  }

  @Test
  void namesTheFileThatCannotBeRead(@TempDir Path dir) {
    Path missing = dir.resolve("missing.properties");
    assertRefused(() -> BrokerSettings.load(missing, Map.of()), missing.toString());
  }

  @Test
  void theEnvironmentIsNotASource() {
    System.setProperty("http.port", "1");
    try {
      assertThat(BrokerSettings.load(null, Map.of()).listeners().httpPort()).isEqualTo(9801);
    } finally {
      System.clearProperty("http.port");
    }
  }

  private static void assertRefused(ThrowingCallable load, String words) {
    assertThatThrownBy(load)
        .hasMessageContaining(words)
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIG));
  }
}
