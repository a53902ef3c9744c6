package dev.weir.core.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import org.apache.kafka.common.record.internal.CompressionType;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompressionTest {
  @ParameterizedTest
  @EnumSource(Compression.class)
  void numbersAndNamesAreKafkas(Compression compression) {
    assertThat(CompressionType.forId(compression.id()).name).isEqualTo(compression.codecName());
    assertThat(Compression.ofId(compression.id())).isSameAs(compression);
    assertThat(Compression.ofName(compression.codecName())).isSameAs(compression);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 5, 6, 7, 8})
  void anUnknownNumberIsNamed(int id) {
    assertUnsupported(() -> Compression.ofId(id), String.valueOf(id));
  }

  @Test
  void anUnknownNameIsAnsweredWithTheKnownOnes() {
    assertUnsupported(
        () -> Compression.ofName("brotli"),
        "'brotli' is unknown; known are none, gzip, snappy, lz4, zstd");
    assertUnsupported(() -> Compression.ofName("GZIP"), "'GZIP'");
  }

  private static void assertUnsupported(ThrowingCallable call, String named) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            WeirException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED_COMPRESSION))
        .hasMessageContaining(named);
  }
}
