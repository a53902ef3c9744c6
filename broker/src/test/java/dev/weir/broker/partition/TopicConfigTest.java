package dev.weir.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.record.TimestampBounds;
import dev.weir.core.record.TimestampType;
import dev.weir.storage.Durability;
import dev.weir.storage.LogSettings;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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

  @Test
  void settingsReachWhatTheyAreFor() {
    TopicConfig config =
        TopicConfig.resolve(
            Map.of(),
            Map.of(
                "message.timestamp.before.max.ms", "5",
                "message.timestamp.after.max.ms", "6",
                "segment.jitter.ms", "7",
                "flush.messages", "8"));
    assertThat(config.log().timestampBounds()).isEqualTo(new TimestampBounds(5, 6));
    assertThat(config.log().retention().segmentJitter()).isEqualTo(Duration.ofMillis(7));
    assertThat(config.replica().flushMessages()).isEqualTo(8);
  }

  @Test
  void everySettingOfKafkaIsKnownRefusedOrOfCompaction() throws IllegalAccessException {
    Set<String> ours = new TreeSet<>(TopicSettings.notHere().keySet());
    TopicSettings.all().forEach(setting -> ours.add(setting.name()));
    Set<String> kafkas = new TreeSet<>();
    for (Field field : org.apache.kafka.common.config.TopicConfig.class.getFields()) {
      if (field.getName().endsWith("_CONFIG")) {
        kafkas.add((String) field.get(null));
      }
    }
    assertThat(kafkas).hasSizeGreaterThan(25);
    kafkas.removeAll(ours);
    assertThat(kafkas)
        .isSubsetOf("min.compaction.lag.ms", "max.compaction.lag.ms", "min.cleanable.dirty.ratio");
  }

  @Test
  void aTopicCannotAskForMoreInSyncReplicasThanItHas() {
    TopicConfig two = TopicConfig.resolve(Map.of(), Map.of("min.insync.replicas", "2"));
    assertThat(two.requireFor(2)).isSameAs(two);
    assertThatThrownBy(() -> two.requireFor(1))
        .hasMessageContaining("min.insync.replicas is 2 but the topic's replication factor is 1")
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIG));
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
        "segment.jitter.ms | -1 | 'segment.jitter.ms' is '-1' but must be a whole number, at least 0",
        "message.timestamp.after.max.ms | -1 | 'message.timestamp.after.max.ms'",
        "compression.type | zstd | 'compression.type' is 'zstd' but must be one of [producer]",
        "preallocate | true | 'preallocate' has no meaning here: files grow",
        "compression.zstd.level | 3 | a broker keeps the producer's bytes",
        "remote.storage.enable | true | there is no tiered storage",
        "retention.ms | -2 | 'retention.ms' is '-2' but must be a whole number"
      })
  void refusesNamingTheSetting(String name, String value, String words) {
    assertThatThrownBy(() -> TopicConfig.resolve(Map.of(), Map.of(name, value)))
        .hasMessageContaining(words)
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIG));
  }
}
