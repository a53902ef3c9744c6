package dev.weir.broker;

import dev.weir.broker.group.CoordinatorSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything a broker is told when it starts; validated, immutable.
 *
 * @param dataDir where the log lives; created when it does not exist
 * @param retentionCheckInterval how often partitions look for records they need not keep. Small:
 *     work for nothing; large: records outlive {@code retention.ms} by so much
 * @param cleaner how logs are compacted
 * @param groups how consumer groups are coordinated
 * @param topicDefaults what topics that do not override it get: Kafka's names, validated
 */
public record BrokerSettings(
    Path dataDir,
    ListenerSettings listeners,
    ThreadSettings threads,
    LimitSettings limits,
    ClientLimitSettings clients,
    Duration retentionCheckInterval,
    CleanerSettings cleaner,
    CoordinatorSettings groups,
    Map<String, String> topicDefaults) {

  public BrokerSettings {
    Settings.require(
        retentionCheckInterval.toMillis() >= 1,
        "retention.check.interval.ms",
        retentionCheckInterval.toMillis(),
        "at least 1");
    topicDefaults = Map.copyOf(topicDefaults);
  }

  /**
   * Reads settings: defaults, then the file, then the overrides (flags and {@code -D key=value}).
   *
   * @param file a properties file, or null
   * @param overrides keys as in {@link SettingKeys} and the reference page
   * @throws dev.weir.core.error.WeirException INVALID_CONFIG naming the key: unknown, misspelt, or
   *     a value outside what is allowed
   */
  public static BrokerSettings load(@Nullable Path file, Map<String, String> overrides) {
    return SettingsLoader.load(file, overrides);
  }
}
