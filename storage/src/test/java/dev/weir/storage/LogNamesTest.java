package dev.weir.storage;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LogNamesTest {
  @Test
  void writesTwentyDigits() {
    assertThat(LogNames.of(0, LogNames.LOG)).isEqualTo("00000000000000000000.log");
    assertThat(LogNames.of(Long.MAX_VALUE, LogNames.TIME_INDEX))
        .isEqualTo("09223372036854775807.timeindex");
  }

  @Test
  void readsBackOnlyWhatItWrites() {
    assertThat(LogNames.offsetIn("00000000000000000042.log", LogNames.LOG)).hasValue(42);
    assertThat(LogNames.offsetIn("00000000000000000042.index", LogNames.LOG)).isEmpty();
    assertThat(LogNames.offsetIn("00000000000000000042.timeindex", LogNames.OFFSET_INDEX))
        .isEmpty();
    assertThat(LogNames.offsetIn("42.log", LogNames.LOG)).isEmpty();
    assertThat(LogNames.offsetIn("-0000000000000000042.log", LogNames.LOG)).isEmpty();
    assertThat(LogNames.offsetIn("99999999999999999999.log", LogNames.LOG)).isEmpty();
    assertThat(LogNames.offsetIn("0000000000000000004x.log", LogNames.LOG)).isEmpty();
  }
}
