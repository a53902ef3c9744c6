package dev.weir.testing;

import dev.weir.broker.BrokerServer;
import dev.weir.broker.BrokerSettings;
import dev.weir.broker.SettingKeys;
import dev.weir.client.ClientSettings;
import dev.weir.client.NewTopic;
import dev.weir.client.WeirClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real broker in the process of a test: everything that {@code weir server} does, on free
 * loopback ports, its data in a temporary directory that is removed at the end. Several may run
 * beside each other.
 *
 * <p>Whoever starts it closes it. Methods block, so they belong on the test's own thread; they may
 * be called by one thread at a time.
 */
public final class WeirTestBroker implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(10);

  private final Path dataDir;
  private final Map<String, String> settings;
  private BrokerServer server;
  private @Nullable WeirClient client;
  private boolean closed;

  private WeirTestBroker(Path dataDir, Map<String, String> settings, BrokerServer server) {
    this.dataDir = dataDir;
    this.settings = settings;
    this.server = server;
  }

  /** A broker with the default settings. */
  public static WeirTestBroker start() {
    return start(Map.of());
  }

  /**
   * A broker that accepts requests when this returns.
   *
   * @param settings as {@code weir server -D} takes them; ports that are named are taken, others
   *     are free ones
   * @throws dev.weir.core.error.WeirException INVALID_CONFIG, or what keeps a broker from starting
   */
  public static WeirTestBroker start(Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(settings);
    Path dataDir = temporaryDirectory();
    all.put(SettingKeys.DATA_DIR, dataDir.toString());
    all.putIfAbsent(SettingKeys.PORT, "0");
    all.putIfAbsent(SettingKeys.HTTP_PORT, "0");
    try {
      return new WeirTestBroker(dataDir, all, launch(all));
    } catch (RuntimeException e) {
      remove(dataDir);
      throw e;
    }
  }

  /** Where clients connect, {@code HOST:PORT}; the same after {@link #restart}. */
  public String address() {
    return server.rsocketAddress().getHostString() + ":" + server.rsocketAddress().getPort();
  }

  /** The port of {@code /metrics}, {@code /health/ready} and WebSocket. */
  public int httpPort() {
    return server.httpAddress().getPort();
  }

  /** A client of this broker, always the same one; closed with the broker. */
  public WeirClient client() {
    requireOpen();
    WeirClient open = client;
    if (open == null) {
      open = WeirClient.create(ClientSettings.of(address()));
      client = open;
    }
    return open;
  }

  /** Creates topics of one partition with default settings. */
  public void createTopics(String... names) {
    for (String name : names) {
      createTopic(NewTopic.of(name, 1));
    }
  }

  /**
   * Creates a topic, usable when this returns.
   *
   * @throws dev.weir.core.error.WeirException TOPIC_EXISTS, INVALID_TOPIC_NAME, INVALID_CONFIG
   */
  public void createTopic(NewTopic topic) {
    client().admin().createTopic(topic).block(DEADLINE);
  }

  /**
   * Stops the broker as SIGTERM does and starts it again with its data, on the same ports; clients
   * come back by themselves.
   */
  public void restart() {
    requireOpen();
    Map<String, String> same = new HashMap<>(settings);
    same.put(SettingKeys.PORT, Integer.toString(server.rsocketAddress().getPort()));
    same.put(SettingKeys.HTTP_PORT, Integer.toString(server.httpAddress().getPort()));
    server.shutdown(DEADLINE);
    server = launch(same);
  }

  /** Closes the client, stops the broker, removes its data. May be called again. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      if (client != null) {
        client.close().block(DEADLINE);
      }
    } finally {
      server.shutdown(DEADLINE);
      remove(dataDir);
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the broker at " + address() + " is closed");
    }
  }

  private static BrokerServer launch(Map<String, String> settings) {
    return BrokerServer.start(BrokerSettings.load(null, settings));
  }

  private static Path temporaryDirectory() {
    try {
      return Files.createTempDirectory("weir-test-");
    } catch (IOException e) {
      throw new UncheckedIOException("there is no room for the data of a test broker", e);
    }
  }

  private static void remove(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : deepestFirst) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the data of a test broker stays in " + directory, e);
    }
  }
}
