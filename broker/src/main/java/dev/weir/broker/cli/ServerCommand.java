package dev.weir.broker.cli;

import dev.weir.broker.BrokerServer;
import dev.weir.broker.BrokerSettings;
import dev.weir.broker.SettingKeys;
import dev.weir.core.time.Time;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code weir server}: runs a broker until the process is asked to end. */
@Command(
    name = "server",
    description = "Runs a broker until it gets SIGTERM or SIGINT, then drains.",
    mixinStandardHelpOptions = true)
final class ServerCommand implements Callable<Integer> {
  private static final Duration DRAIN_DEADLINE = Duration.ofSeconds(30);

  @Option(names = "--data-dir", paramLabel = "DIR", description = "default: ./weir-data")
  private @Nullable String dataDir;

  @Option(names = "--host", paramLabel = "H", description = "default: 127.0.0.1")
  private @Nullable String host;

  @Option(names = "--port", paramLabel = "PORT", description = "RSocket; default: 9800")
  private @Nullable Integer port;

  @Option(names = "--http-port", paramLabel = "PORT", description = "default: 9801")
  private @Nullable Integer httpPort;

  @Option(names = "--config", paramLabel = "FILE", description = "properties file with settings")
  private @Nullable Path config;

  @Option(
      names = "-D",
      paramLabel = "KEY=VALUE",
      description = "one setting; goes before the file's")
  private Map<String, String> overrides = new LinkedHashMap<>();

  @Override
  public Integer call() throws InterruptedException {
    Map<String, String> settings = new LinkedHashMap<>(overrides);
    put(settings, SettingKeys.DATA_DIR, dataDir);
    put(settings, SettingKeys.HOST, host);
    put(settings, SettingKeys.PORT, port);
    put(settings, SettingKeys.HTTP_PORT, httpPort);
    BrokerServer server = BrokerServer.start(BrokerSettings.load(config, settings));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> drain(server), "weir-shutdown"));
    System.out.println(
        "weir ready rsocket="
            + hostAndPort(server.rsocketAddress())
            + " http="
            + hostAndPort(server.httpAddress())
            + " in "
            + millisSinceStart()
            + " ms");
    server.awaitTermination();
    return 0;
  }

  private static void put(Map<String, String> settings, String key, @Nullable Object value) {
    if (value != null) {
      settings.put(key, value.toString());
    }
  }

  /** In place of the JVM's exit code for a signal: a drained broker has done its work. */
  private static void drain(BrokerServer server) {
    server.shutdown(DRAIN_DEADLINE);
    Runtime.getRuntime().halt(0);
  }

  private static long millisSinceStart() {
    return Time.system().wallMillis() - ManagementFactory.getRuntimeMXBean().getStartTime();
  }

  private static String hostAndPort(InetSocketAddress address) {
    String name = address.getAddress().getHostAddress();
    return (name.indexOf(':') >= 0 ? "[" + name + "]" : name) + ":" + address.getPort();
  }
}
