package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerAddressTest {
  @ParameterizedTest
  @CsvSource({
    "localhost, localhost, 9800",
    "localhost:1, localhost, 1",
    "10.0.0.1:65535, 10.0.0.1, 65535",
    "[::1]:9000, ::1, 9000",
    "[::1], ::1, 9800",
    "fe80::7, fe80::7, 9800",
    "'  host:80  ', host, 80"
  })
  void readsHostAndPort(String text, String host, int port) {
    assertThat(ServerAddress.parse(text)).isEqualTo(new ServerAddress(host, port));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "host:", "host:x", "host:0", "host:65536", "[::1]x", "[]:1"})
  void refusesWhatIsNoAddress(String text) {
    assertThatThrownBy(() -> ServerAddress.parse(text))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void printsWhatItReads() {
    assertThat(ServerAddress.parse("[::1]:9000")).hasToString("[::1]:9000");
    assertThat(ServerAddress.parse("h:1")).hasToString("h:1");
  }

  @Test
  void settingsTakeAListAndRefuseAnEmptyOne() {
    assertThat(ClientSettings.of("a:1, b").servers())
        .containsExactly(new ServerAddress("a", 1), new ServerAddress("b", 9800));
    assertThatThrownBy(() -> ClientSettings.of(" , ")).hasMessageContaining("at least one server");
  }
}
