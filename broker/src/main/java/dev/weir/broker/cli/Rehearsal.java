package dev.weir.broker.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.weir.broker.BrokerServer;
import dev.weir.broker.BrokerSettings;
import dev.weir.broker.SettingKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Runs a broker and the common commands once in one process, so that the JVM can archive the
 * classes they load ({@code -XX:ArchiveClassesAtExit}); the build does that beside the jar, {@code
 * bin/weir} uses it. Its one argument is the directory for the data; it is emptied before.
 */
final class Rehearsal {
  private static final Duration DRAIN_DEADLINE = Duration.ofSeconds(10);

  private Rehearsal() {}

  public static void main(String[] args) throws IOException {
    Logging.toStandardError(true);
    Path dir = Path.of(args[0]);
    deleteAll(dir);
    Files.createDirectories(dir);
    Map<String, String> settings =
        Map.of(
            SettingKeys.DATA_DIR,
            dir.resolve("data").toString(),
            SettingKeys.PORT,
            "0",
            SettingKeys.HTTP_PORT,
            "0");
    BrokerServer server = BrokerServer.start(BrokerSettings.load(null, settings));
    int failed = commands("127.0.0.1:" + server.rsocketAddress().getPort(), dir);
    server.shutdown(DRAIN_DEADLINE);
    System.exit(failed);
  }

  private static int commands(String server, Path dir) throws IOException {
    Path lines = Files.writeString(dir.resolve("lines"), "a\nb\n", US_ASCII);
    return run("topic", "create", "t", "--server", server)
        + run("topic", "describe", "t", "--server", server)
        + run("topic", "list", "--server", server)
        + run("cluster", "describe", "--server", server)
        + run("produce", "t", "--file", lines.toString(), "--server", server)
        + run("consume", "t", "--from", "earliest", "--exit-at-end", "--server", server)
        + run("server", "--help");
  }

  private static void deleteAll(Path dir) throws IOException {
    if (!Files.exists(dir)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(dir)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private static int run(String... args) {
    return Main.run(args);
  }
}
