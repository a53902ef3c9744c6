package dev.weir.broker.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OriginsTest {
  private static final Origins DEFAULT = new Origins(Set.of(), Set.of("broker.example", ""));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "- | broker.example:9801 | false | true | a client that is no browser",
        "http://broker.example:9801 | broker.example:9801 | false | true | its own page",
        "http://Broker.example:9801 | broker.EXAMPLE:9801 | false | true | case does not matter",
        "http://10.1.2.3:9801 | 10.1.2.3:9801 | false | true | its own page by address",
        "http://[fd00::1]:9801 | [fd00::1]:9801 | false | true | by IPv6 address",
        "http://broker.example:8080 | broker.example:9801 | false | false | another port",
        "http://evil.example | broker.example:9801 | false | false | another site",
        "http://evil.example:9801 | evil.example:9801 | true | false | a name made to point here",
        "http://evil.example | broker.example:9801 | true | false | another site in a local browser",
        "http://localhost:3000 | 127.0.0.1:9801 | true | true | a local page",
        "http://127.0.0.1:3000 | localhost:9801 | true | true | a local page by address",
        "http://[::1]:3000 | localhost:9801 | true | true | a local page by IPv6 address",
        "http://localhost:3000 | broker.example:9801 | false | false | local to somebody else",
        "http://localhost.evil.example | 127.0.0.1:9801 | true | false | not localhost",
        "http://127.evil.example | 127.0.0.1:9801 | true | false | not an address",
        "null | 127.0.0.1:9801 | true | false | a page from a file",
        "http://user@evil.example:9801/x | x | true | false | no origin at all",
        "%% | x | true | false | no origin at all"
      })
  void byDefault(String origin, String host, boolean local, boolean allowed, String who) {
    assertThat(DEFAULT.allow(origin, host, local)).as(who).isEqualTo(allowed);
  }

  @Test
  void othersWhenTheyAreNamed() {
    Origins named = new Origins(Set.of("https://Shop.example", "null"), Set.of());
    assertThat(named.allow("https://shop.example", "b:1", false)).isTrue();
    assertThat(named.allow("null", "b:1", false)).isTrue();
    assertThat(named.allow("http://shop.example", "b:1", false)).isFalse();
    assertThat(named.allow("https://shop.example:8443", "b:1", false)).isFalse();
  }

  @Test
  void everybodyWithAStar() {
    assertThat(new Origins(Set.of("*"), Set.of()).allow("http://evil.example", "b", false))
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"shop.example", "https://shop.example/", "https://", "a b"})
  void refusesWhatIsNoOrigin(String word) {
    assertThatThrownBy(() -> new Origins(Set.of(word), Set.of()))
        .hasMessageContaining("'http.origins' has '" + word)
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIG));
  }
}
