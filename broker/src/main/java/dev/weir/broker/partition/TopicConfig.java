package dev.weir.broker.partition;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.record.TimestampType;
import dev.weir.replication.ReplicaSettings;
import dev.weir.storage.Durability;
import dev.weir.storage.LogSettings;
import dev.weir.storage.RetentionSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A topic's settings, resolved: overrides over the broker's defaults over ours.
 *
 * @param effective every known setting with its text
 */
public record TopicConfig(LogSettings log, ReplicaSettings replica, Map<String, String> effective) {
  private static final long MIB = 1 << 20;

  /** Kafka's default is "never"; a year is as good, and can be added to a time. */
  private static final long LONGEST_FLUSH_MILLIS = Duration.ofDays(365).toMillis();

  private static final Map<String, Entry> ENTRIES = new HashMap<>();

  static {
    LogSettings log = LogSettings.DEFAULTS;
    number("segment.bytes", log.segmentBytes(), 1024, Integer.MAX_VALUE);
    number("index.interval.bytes", log.indexIntervalBytes(), 0, Integer.MAX_VALUE);
    number("max.message.bytes", log.maxMessageBytes(), 61, 15 * MIB);
    number("max.record.bytes", log.maxRecordBytes(), 1, 8 * MIB);
    number("min.insync.replicas", 1, 1, Short.MAX_VALUE);
    number("flush.ms", ReplicaSettings.DEFAULTS.flushInterval().toMillis(), 1, Long.MAX_VALUE);
    number("flush.bytes", ReplicaSettings.DEFAULTS.flushBytes(), 1, Long.MAX_VALUE);
    number("retention.ms", RetentionSettings.DEFAULTS.maxAge().toMillis(), -1, Long.MAX_VALUE);
    number("retention.bytes", -1, -1, Long.MAX_VALUE);
    number("segment.ms", RetentionSettings.DEFAULTS.segmentAge().toMillis(), 1, Long.MAX_VALUE);
    number(
        "producer.id.expiration.ms",
        RetentionSettings.DEFAULTS.producerExpiration().toMillis(),
        1,
        Long.MAX_VALUE);
    number("delete.retention.ms", Duration.ofDays(1).toMillis(), 0, Long.MAX_VALUE);
    choice("cleanup.policy", "delete", "delete", "compact", "compact,delete", "delete,compact");
    choice("durability", "fsync", "fsync", "replicated");
    choice("message.timestamp.type", "CreateTime", "CreateTime", "LogAppendTime");
    choice("unclean.leader.election.enable", "false", "false", "true");
  }

  /**
   * Checks and resolves.
   *
   * @throws WeirException INVALID_CONFIG naming the setting that is unknown or out of range
   */
  public static TopicConfig resolve(Map<String, String> defaults, Map<String, String> overrides) {
    Map<String, String> effective = new TreeMap<>();
    ENTRIES.forEach((name, entry) -> effective.put(name, entry.orElse()));
    putChecked(effective, defaults);
    putChecked(effective, overrides);
    LogSettings log =
        LogSettings.DEFAULTS
            .withSegmentBytes(intOf(effective, "segment.bytes"))
            .withIndexIntervalBytes(intOf(effective, "index.interval.bytes"))
            .withMaxMessageBytes(intOf(effective, "max.message.bytes"))
            .withMaxRecordBytes(intOf(effective, "max.record.bytes"))
            .withTimestampType(
                "LogAppendTime".equals(effective.get("message.timestamp.type"))
                    ? TimestampType.LOG_APPEND_TIME
                    : TimestampType.CREATE_TIME)
            .withDurability(
                "replicated".equals(effective.get("durability"))
                    ? Durability.REPLICATED
                    : Durability.FSYNC)
            .withRetention(retentionOf(effective));
    ReplicaSettings replica =
        new ReplicaSettings(
            intOf(effective, "min.insync.replicas"),
            Duration.ofMillis(Math.min(longOf(effective, "flush.ms"), LONGEST_FLUSH_MILLIS)),
            longOf(effective, "flush.bytes"),
            ReplicaSettings.DEFAULTS.maxPendingBytes());
    return new TopicConfig(log, replica, effective);
  }

  private static RetentionSettings retentionOf(Map<String, String> effective) {
    long age = longOf(effective, "retention.ms");
    long bytes = longOf(effective, "retention.bytes");
    return new RetentionSettings(
        effective.getOrDefault("cleanup.policy", "").contains("delete"),
        age == -1 ? RetentionSettings.FOREVER : Duration.ofMillis(age),
        bytes == -1 ? RetentionSettings.UNLIMITED : bytes,
        Duration.ofMillis(longOf(effective, "segment.ms")),
        Duration.ofMillis(longOf(effective, "producer.id.expiration.ms")));
  }

  /** INVALID_CONFIG when there is no setting of this name. */
  public static void requireKnown(String name) {
    entry(name);
  }

  private static Entry entry(String name) {
    @Nullable Entry entry = ENTRIES.get(name);
    if (entry == null) {
      throw new WeirException(
          ErrorCode.INVALID_CONFIG,
          "there is no topic setting '%s'; there are %s"
              .formatted(name, new TreeSet<>(ENTRIES.keySet())));
    }
    return entry;
  }

  private static void putChecked(Map<String, String> effective, Map<String, String> values) {
    values.forEach(
        (name, value) -> {
          Entry entry = entry(name);
          if (!entry.allows(value)) {
            throw new WeirException(
                ErrorCode.INVALID_CONFIG,
                "topic setting '%s' is '%s' but must be %s"
                    .formatted(name, value, entry.expected()));
          }
          effective.put(name, value);
        });
  }

  private static int intOf(Map<String, String> effective, String name) {
    return (int) longOf(effective, name);
  }

  private static long longOf(Map<String, String> effective, String name) {
    return Long.parseLong(effective.getOrDefault(name, ""));
  }

  private static void number(String name, long orElse, long min, long max) {
    ENTRIES.put(name, new NumberEntry(Long.toString(orElse), min, max));
  }

  private static void choice(String name, String orElse, String... allowed) {
    ENTRIES.put(name, new ChoiceEntry(orElse, List.of(allowed)));
  }

  private sealed interface Entry {
    String orElse();

    boolean allows(String value);

    String expected();
  }

  private record NumberEntry(String orElse, long min, long max) implements Entry {
    @Override
    public boolean allows(String value) {
      try {
        long number = Long.parseLong(value);
        return number >= min && number <= max;
      } catch (NumberFormatException e) {
        return false;
      }
    }

    @Override
    public String expected() {
      return max == Long.MAX_VALUE
          ? "a whole number, at least " + min
          : "a whole number from " + min + " to " + max;
    }
  }

  private record ChoiceEntry(String orElse, List<String> allowed) implements Entry {
    @Override
    public boolean allows(String value) {
      return allowed.contains(value);
    }

    @Override
    public String expected() {
      return "one of " + allowed;
    }
  }
}
