package dev.weir.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.record.TimestampType;
import dev.weir.storage.Durability;
import dev.weir.storage.LogSettings;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicConfigTest {
  @Test
  void withoutAnythingItIsTheLogsDefaults() {
    assertThat(TopicConfig.resolve(Map.of(), Map.of()).log()).isEqualTo(LogSettings.DEFAULTS);
  }

  @Test
  void overridesGoBeforeTheBrokersDefaults() {
    TopicConfig config =
        TopicConfig.resolve(
            Map.of("segment.bytes", "2048", "durability", "replicated"),
            Map.of("segment.bytes", "4096", "message.timestamp.type", "LogAppendTime"));
    assertThat(config.log().segmentBytes()).isEqualTo(4096);
    assertThat(config.log().durability()).isEqualTo(Durability.REPLICATED);
    assertThat(config.log().timestampType()).isEqualTo(TimestampType.LOG_APPEND_TIME);
    assertThat(config.effective())
        .containsEntry("segment.bytes", "4096")
        .containsEntry("retention.ms", "604800000");
  }

  @Test
  void kafkasFlushNeverBecomesATimeThatCanBeCountedWith() {
    TopicConfig config =
        TopicConfig.resolve(Map.of(), Map.of("flush.ms", Long.toString(Long.MAX_VALUE)));
    assertThat(config.replica().flushInterval()).isEqualTo(Duration.ofDays(365));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "segment.byte | 1 | there is no topic setting 'segment.byte'",
        "segment.bytes | 1023 | 'segment.bytes' is '1023' but must be a whole number from 1024",
        "segment.bytes | 1k | 'segment.bytes' is '1k'",
        "max.message.bytes | 99999999 | 'max.message.bytes'",
        "min.insync.replicas | 0 | 'min.insync.replicas'",
        "durability | fast | 'durability' is 'fast' but must be one of",
        "cleanup.policy | shred | 'cleanup.policy'",
        "retention.ms | -2 | 'retention.ms' is '-2' but must be a whole number"
      })
  void refusesNamingTheSetting(String name, String value, String words) {
    assertThatThrownBy(() -> TopicConfig.resolve(Map.of(), Map.of(name, value)))
        .hasMessageContaining(words)
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIG));
  }
}
