package dev.weir.broker;

import dev.weir.broker.group.CoordinatorSettings;
import dev.weir.broker.group.state.GroupSettings;
import dev.weir.broker.partition.TopicConfig;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.transport.rsocket.TransportResources;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Names of settings, where they come from, and how their text becomes values. */
final class SettingsLoader {
  private static final int FILE_ORDINAL = 200;
  private static final int OVERRIDE_ORDINAL = 300;

  /** Before the name of a topic setting: the broker's default for it. */
  private static final String TOPIC_PREFIX = "topic.";

  /** So much memory for each connection and stream that is allowed; they take less. */
  private static final long CONNECTION_BYTES = 64 << 10;

  private static final long STREAM_BYTES = 16 << 10;

  private final SmallRyeConfig config;

  private SettingsLoader(SmallRyeConfig config) {
    this.config = config;
  }

  static BrokerSettings load(@Nullable Path file, Map<String, String> overrides) {
    // Sources are named one by one: discovery would scan the class path.
    SmallRyeConfigBuilder builder = new SmallRyeConfigBuilder();
    if (file != null) {
      builder.withSources(
          new PropertiesConfigSource(read(file), "settings file " + file, FILE_ORDINAL));
    }
    builder.withSources(new PropertiesConfigSource(overrides, "command line", OVERRIDE_ORDINAL));
    return new SettingsLoader(builder.build()).settings();
  }

  private BrokerSettings settings() {
    Map<String, String> topicDefaults = new HashMap<>();
    for (String key : config.getPropertyNames()) {
      if (key.startsWith(TOPIC_PREFIX)) {
        topicDefaults.put(key.substring(TOPIC_PREFIX.length()), text(key, ""));
      } else if (!BrokerKeys.names().contains(key)) {
        throw unknown(key);
      }
    }
    TopicConfig.resolve(topicDefaults, Map.of()); // names and values are checked here
    ThreadSettings threads = ThreadSettings.forCores(Runtime.getRuntime().availableProcessors());
    long memory = Runtime.getRuntime().maxMemory();
    long direct = TransportResources.directLimitBytes();
    return new BrokerSettings(
        Path.of(text(SettingKeys.DATA_DIR)),
        new ListenerSettings(
            text(SettingKeys.HOST),
            number(SettingKeys.PORT),
            number(SettingKeys.HTTP_PORT),
            text("advertised.host"),
            words("http.origins")),
        new ThreadSettings(
            number("threads.io", threads.io()),
            number("threads.partition", threads.partition()),
            number("threads.flush", threads.flush()),
            number("threads.read", threads.read()),
            number("threads.recovery", threads.recovery())),
        new LimitSettings(
            wholeNumber("connection.inbound.bytes"),
            wholeNumber("inbound.bytes", Math.min(256L << 20, direct / 8)),
            wholeNumber("queued.bytes", Math.min(256L << 20, direct / 8)),
            wholeNumber("queued.memory.bytes", Math.min(384L << 20, direct * 3 / 16)),
            number("frame.bytes.max", (int) Math.min(LimitSettings.LARGEST_FRAME, direct / 8)),
            wholeNumber("partial.bytes", Math.min(256L << 20, direct / 8)),
            wholeNumber("subscribe.bytes", Math.min(128L << 20, memory / 8)),
            number("partitions.max"),
            number("files.open.max", OpenFileLimit.forLogs()),
            wholeNumber("stream.credits.max")),
        new ClientLimitSettings(
            number("connections.max", (int) Math.min(10_000, direct / CONNECTION_BYTES)),
            number("strangers.max"),
            number("strangers.address.max"),
            number("connection.streams.max"),
            number("streams.max", (int) Math.min(100_000, memory / STREAM_BYTES)),
            Duration.ofMillis(wholeNumber("stall.timeout.ms"))),
        Duration.ofMillis(wholeNumber("retention.check.interval.ms")),
        new CleanerSettings(
            number("log.cleaner.threads"),
            wholeNumber("log.cleaner.dedupe.buffer.size", Math.min(128L << 20, memory / 8)),
            wholeNumber("log.cleaner.io.max.bytes.per.second"),
            Duration.ofMillis(wholeNumber("log.cleaner.backoff.ms"))),
        groups(memory),
        topicDefaults);
  }

  private CoordinatorSettings groups(long memory) {
    GroupSettings groups =
        new GroupSettings(
            Duration.ofMillis(bounded("group.session.timeout.ms")),
            Duration.ofMillis(bounded("group.heartbeat.interval.ms")),
            Duration.ofMillis(bounded("group.grace.ms")),
            Duration.ofMillis(bounded("group.drain.timeout.ms")),
            (int) bounded("group.max.size"),
            (int) bounded("offset.metadata.max.bytes"),
            Duration.ofMinutes(bounded("offsets.retention.minutes")));
    long stateBytes = wholeNumber("group.state.bytes", Math.min(128L << 20, memory / 8));
    BrokerKeys.requireAllowed("group.state.bytes", stateBytes);
    return new CoordinatorSettings(
        groups, (int) bounded("offsets.topic.num.partitions"), stateBytes);
  }

  /** Within what the reference page says. */
  private long bounded(String key) {
    long value = wholeNumber(key);
    BrokerKeys.requireAllowed(key, value);
    return value;
  }

  private String text(String key) {
    return text(key, BrokerKeys.orElse(key));
  }

  private String text(String key, String orElse) {
    @Nullable String value = config.getRawValue(key);
    return value == null ? orElse : value.trim();
  }

  /** Separated by commas. */
  private Set<String> words(String key) {
    Set<String> words = new TreeSet<>();
    for (String word : text(key).split(",", -1)) {
      if (!word.isBlank()) {
        words.add(word.strip());
      }
    }
    return words;
  }

  private int number(String key) {
    return number(key, Integer.parseInt(BrokerKeys.orElse(key)));
  }

  /**
   * @param orElse the default on this machine
   */
  private int number(String key, int orElse) {
    String value = text(key, Integer.toString(orElse));
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw notANumber(key, value, e);
    }
  }

  private long wholeNumber(String key) {
    return wholeNumber(key, Long.parseLong(BrokerKeys.orElse(key)));
  }

  private long wholeNumber(String key, long orElse) {
    String value = text(key, Long.toString(orElse));
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw notANumber(key, value, e);
    }
  }

  private static WeirException notANumber(String key, String value, NumberFormatException e) {
    return new WeirException(
        ErrorCode.INVALID_CONFIG,
        "setting '" + key + "' is '" + value + "' but must be a whole number",
        e);
  }

  private static WeirException unknown(String key) {
    return new WeirException(
        ErrorCode.INVALID_CONFIG,
        "there is no setting '%s'; there are %s and topic.<topic setting>"
            .formatted(key, new TreeSet<>(BrokerKeys.names())));
  }

  private static Map<String, String> read(Path file) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw new WeirException(
          ErrorCode.INVALID_CONFIG,
          "settings file " + file + " cannot be read: " + e.getMessage(),
          e);
    }
    Map<String, String> values = new HashMap<>();
    properties.forEach((key, value) -> values.put((String) key, (String) value));
    return values;
  }
}
