package dev.weir.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.record.TimestampBounds;
import dev.weir.core.record.TimestampType;
import dev.weir.storage.CompactionSettings;
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
  void settingsOfCompactionReachTheLog() {
    TopicConfig config =
        TopicConfig.resolve(
            Map.of("min.compaction.lag.ms", "1"),
            Map.of(
                "cleanup.policy", "compact,delete",
                "max.compaction.lag.ms", "2",
                "min.cleanable.dirty.ratio", "0.25",
                "delete.retention.ms", "3"));
    assertThat(config.log().compaction())
        .isEqualTo(
            new CompactionSettings(
                true, Duration.ofMillis(1), Duration.ofMillis(2), 0.25, Duration.ofMillis(3)));
    assertThat(config.log().retention().deletes()).isTrue();
    LogSettings compacted =
        TopicConfig.resolve(Map.of(), Map.of("cleanup.policy", "compact")).log();
    assertThat(compacted.compaction().compacts()).isTrue();
    assertThat(compacted.retention().deletes()).isFalse();
  }

  @Test
  void aRecordCannotHaveToStayForLongerThanItMayStay() {
    assertThatThrownBy(
            () ->
                TopicConfig.resolve(
                    Map.of("min.compaction.lag.ms", "10"), Map.of("max.compaction.lag.ms", "9")))
        .hasMessageContaining("min.compaction.lag.ms must be at most max.compaction.lag.ms")
        .hasMessageContaining("9");
  }

  @Test
  void everySettingOfKafkaIsKnownOrRefused() throws IllegalAccessException {
    Set<String> ours = new TreeSet<>(TopicSettings.notHere().keySet());
    TopicSettings.all().forEach(setting -> ours.add(setting.name()));
    Set<String> kafkas = new TreeSet<>();
    for (Field field : org.apache.kafka.common.config.TopicConfig.class.getFields()) {
      if (field.getName().endsWith("_CONFIG")) {
        kafkas.add((String) field.get(null));
      }
    }
    assertThat(kafkas).hasSizeGreaterThan(25);
    assertThat(ours).containsAll(kafkas);
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
        "min.cleanable.dirty.ratio | 1.1 | 'min.cleanable.dirty.ratio' is '1.1' but must be a number from 0 to 1",
        "min.cleanable.dirty.ratio | NaN | 'min.cleanable.dirty.ratio'",
        "min.compaction.lag.ms | -1 | 'min.compaction.lag.ms'",
        "max.compaction.lag.ms | 0 | 'max.compaction.lag.ms'",
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
