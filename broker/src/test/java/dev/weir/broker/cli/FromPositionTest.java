package dev.weir.broker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.client.StartingPosition;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class FromPositionTest {
  @Test
  void readsTheFourForms() {
    assertThat(read("latest")).isEqualTo(StartingPosition.latest());
    assertThat(read("earliest")).isEqualTo(StartingPosition.earliest());
    assertThat(read("offset:12")).isEqualTo(StartingPosition.offset(12));
    assertThat(read("time:2025-01-31T12:00:00Z"))
        .isEqualTo(StartingPosition.timestamp(Instant.parse("2025-01-31T12:00:00Z")));
    assertThat(read("time:2025-01-31T12:00:00.5+02:00"))
        .isEqualTo(StartingPosition.timestamp(Instant.parse("2025-01-31T10:00:00.500Z")));
  }

  @Test
  void aTimeWithoutZoneIsLocalAndADayBeginsAtMidnight() {
    Instant midnight =
        LocalDateTime.of(2025, 1, 31, 0, 0).atZone(ZoneId.systemDefault()).toInstant();
    assertThat(read("time:2025-01-31")).isEqualTo(StartingPosition.timestamp(midnight));
    assertThat(read("time:2025-01-31T00:00:00")).isEqualTo(StartingPosition.timestamp(midnight));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "first", "offset:", "offset:x", "offset:-1", "time:", "time:12", "5"})
  void refusesEverythingElse(String text) {
    assertThatThrownBy(() -> read(text)).isInstanceOf(TypeConversionException.class);
  }

  private static StartingPosition read(String text) {
    return new FromPosition().convert(text);
  }
}
