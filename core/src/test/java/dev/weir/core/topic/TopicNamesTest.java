package dev.weir.core.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicNamesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"a", "orders", "Orders.v2_eu-west", "...", "-", "_", "__consumer_offsets"})
  void allowedNamesAreReturnedUnchanged(String name) {
    assertThat(TopicNames.requireValid(name)).isSameAs(name);
  }

  @Test
  void twoHundredBytesAreAllowedAndNotOneMore() {
    assertThat(TopicNames.requireValid("x".repeat(200))).hasSize(200);
    assertInvalid("x".repeat(201), "201");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"a b|' '", "a/b|'/'", "größe|'ö'", "../etc|'/'", "a%2Eb|'%'", "a\\b|'\\'"},
      quoteCharacter = '"')
  void aForbiddenCharacterIsNamed(String name, String named) {
    assertInvalid(name, named);
  }

  @ParameterizedTest
  @ValueSource(strings = {".", ".."})
  void namesOfDirectoriesAreNotAllowed(String name) {
    assertInvalid(name, "'" + name + "'");
  }

  @Test
  void anEmptyNameIsNotAllowed() {
    assertInvalid("", "empty");
  }

  private static void assertInvalid(String name, String named) {
    assertThatThrownBy(() -> TopicNames.requireValid(name))
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_TOPIC_NAME))
        .hasMessageContaining(named);
  }
}
