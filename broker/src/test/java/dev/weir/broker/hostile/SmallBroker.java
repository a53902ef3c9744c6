package dev.weir.broker.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A broker process with 64 MiB of heap and 64 MiB of direct memory, which dies without memory. */
final class SmallBroker implements AutoCloseable {
  static final long DIRECT_LIMIT = 64L << 20;

  private static final Pattern READY =
      Pattern.compile("weir ready rsocket=127\\.0\\.0\\.1:(\\d+) http=127\\.0\\.0\\.1:(\\d+) in");

  private final HttpClient http = HttpClient.newHttpClient();
  private final Process process;
  private final Path out;
  private final Path err;
  private final int port;
  private final int httpPort;

  SmallBroker(Path dir, String... settings) throws IOException {
    out = dir.resolve("out");
    err = dir.resolve("err");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:MaxDirectMemorySize=64m",
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.weir.broker.cli.Main",
                "server",
                "--data-dir",
                dir.resolve("data").toString(),
                "--port",
                "0",
                "--http-port",
                "0"));
    for (String setting : settings) {
      command.add("-D");
      command.add(setting);
    }
    process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> !process.isAlive() || Files.readString(out).endsWith("ms\n"));
    Matcher ready = READY.matcher(Files.readString(out));
    assertThat(ready.find()).describedAs("%s", log()).isTrue();
    port = Integer.parseInt(ready.group(1));
    httpPort = Integer.parseInt(ready.group(2));
  }

  int port() {
    return port;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  String log() throws IOException {
    return Files.readString(err);
  }

  /** How many files and sockets the process has open. */
  long openFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
      return files.count();
    }
  }

  double meter(String name) throws IOException, InterruptedException {
    String body =
        http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + httpPort + "/metrics"))
                    .timeout(Duration.ofSeconds(20))
                    .build(),
                BodyHandlers.ofString())
            .body();
    Matcher line = Pattern.compile("^" + name + " (\\S+)$", Pattern.MULTILINE).matcher(body);
    assertThat(line.find()).as("meter %s in %s", name, body).isTrue();
    return Double.parseDouble(line.group(1));
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().orTimeout(20, TimeUnit.SECONDS).join();
  }
}
