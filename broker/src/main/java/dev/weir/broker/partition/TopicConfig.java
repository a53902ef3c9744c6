package dev.weir.broker.partition;

import dev.weir.broker.setting.Setting;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.record.TimestampBounds;
import dev.weir.core.record.TimestampType;
import dev.weir.replication.ReplicaSettings;
import dev.weir.storage.CompactionSettings;
import dev.weir.storage.Durability;
import dev.weir.storage.LogSettings;
import dev.weir.storage.RetentionSettings;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * A topic's settings, resolved: overrides over the broker's defaults over ours.
 *
 * @param effective every known setting with its text
 */
public record TopicConfig(LogSettings log, ReplicaSettings replica, Map<String, String> effective) {
  /** Kafka's default is "never"; a year is as good, and can be added to a time. */
  private static final long LONGEST_FLUSH_MILLIS = Duration.ofDays(365).toMillis();

  /**
   * Checks and resolves.
   *
   * @throws WeirException INVALID_CONFIG naming the setting that is unknown or out of range
   */
  public static TopicConfig resolve(Map<String, String> defaults, Map<String, String> overrides) {
    Map<String, String> effective = new TreeMap<>();
    TopicSettings.all().forEach(setting -> effective.put(setting.name(), setting.orElse()));
    putChecked(effective, defaults);
    putChecked(effective, overrides);
    return new TopicConfig(logOf(effective), replicaOf(effective), effective);
  }

  /**
   * Checks what a topic of so many replicas may ask for.
   *
   * @throws WeirException INVALID_CONFIG
   */
  public TopicConfig requireFor(int replicationFactor) {
    if (replica.minInSyncReplicas() > replicationFactor) {
      throw new WeirException(
          ErrorCode.INVALID_CONFIG,
          "min.insync.replicas is %d but the topic's replication factor is %d: no batch with acks=all could ever be stored"
              .formatted(replica.minInSyncReplicas(), replicationFactor));
    }
    return this;
  }

  /** INVALID_CONFIG when there is no setting of this name. */
  public static void requireKnown(String name) {
    TopicSettings.require(name);
  }

  private static LogSettings logOf(Map<String, String> effective) {
    return LogSettings.DEFAULTS
        .withSegmentBytes(intOf(effective, TopicSettings.SEGMENT_BYTES))
        .withIndexIntervalBytes(intOf(effective, TopicSettings.INDEX_INTERVAL_BYTES))
        .withMaxMessageBytes(intOf(effective, TopicSettings.MAX_MESSAGE_BYTES))
        .withMaxRecordBytes(intOf(effective, TopicSettings.MAX_RECORD_BYTES))
        .withTimestampType(
            is(effective, TopicSettings.TIMESTAMP_TYPE, "LogAppendTime")
                ? TimestampType.LOG_APPEND_TIME
                : TimestampType.CREATE_TIME)
        .withTimestampBounds(
            new TimestampBounds(
                longOf(effective, TopicSettings.TIMESTAMP_BEFORE_MAX_MS),
                longOf(effective, TopicSettings.TIMESTAMP_AFTER_MAX_MS)))
        .withDurability(
            is(effective, TopicSettings.DURABILITY, "replicated")
                ? Durability.REPLICATED
                : Durability.FSYNC)
        .withRetention(retentionOf(effective))
        .withCompaction(compactionOf(effective));
  }

  private static RetentionSettings retentionOf(Map<String, String> effective) {
    long age = longOf(effective, TopicSettings.RETENTION_MS);
    long bytes = longOf(effective, TopicSettings.RETENTION_BYTES);
    return new RetentionSettings(
        effective.getOrDefault(TopicSettings.CLEANUP_POLICY, "").contains("delete"),
        age == -1 ? RetentionSettings.FOREVER : Duration.ofMillis(age),
        bytes == -1 ? RetentionSettings.UNLIMITED : bytes,
        millisOf(effective, TopicSettings.SEGMENT_MS),
        millisOf(effective, TopicSettings.SEGMENT_JITTER_MS),
        millisOf(effective, TopicSettings.PRODUCER_EXPIRATION_MS));
  }

  private static CompactionSettings compactionOf(Map<String, String> effective) {
    return new CompactionSettings(
        effective.getOrDefault(TopicSettings.CLEANUP_POLICY, "").contains("compact"),
        millisOf(effective, TopicSettings.MIN_COMPACTION_LAG_MS),
        millisOf(effective, TopicSettings.MAX_COMPACTION_LAG_MS),
        Double.parseDouble(effective.getOrDefault(TopicSettings.MIN_CLEANABLE_DIRTY_RATIO, "")),
        millisOf(effective, TopicSettings.DELETE_RETENTION_MS));
  }

  private static ReplicaSettings replicaOf(Map<String, String> effective) {
    return new ReplicaSettings(
        intOf(effective, TopicSettings.MIN_INSYNC_REPLICAS),
        Duration.ofMillis(
            Math.min(longOf(effective, TopicSettings.FLUSH_MS), LONGEST_FLUSH_MILLIS)),
        longOf(effective, TopicSettings.FLUSH_BYTES),
        longOf(effective, TopicSettings.FLUSH_MESSAGES),
        ReplicaSettings.DEFAULTS.maxPendingBytes());
  }

  private static void putChecked(Map<String, String> effective, Map<String, String> values) {
    values.forEach(
        (name, value) -> {
          Setting setting = TopicSettings.require(name);
          if (!setting.values().allow(value)) {
            throw new WeirException(
                ErrorCode.INVALID_CONFIG,
                "topic setting '%s' is '%s' but must be %s"
                    .formatted(name, value, setting.values().expected()));
          }
          effective.put(name, value);
        });
  }

  private static boolean is(Map<String, String> effective, String name, String value) {
    return value.equals(effective.get(name));
  }

  private static int intOf(Map<String, String> effective, String name) {
    return (int) longOf(effective, name);
  }

  private static Duration millisOf(Map<String, String> effective, String name) {
    return Duration.ofMillis(longOf(effective, name));
  }

  private static long longOf(Map<String, String> effective, String name) {
    return Long.parseLong(effective.getOrDefault(name, ""));
  }
}
