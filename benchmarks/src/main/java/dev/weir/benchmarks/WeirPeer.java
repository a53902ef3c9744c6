package dev.weir.benchmarks;

import dev.weir.client.ClientSettings;
import dev.weir.client.NewTopic;
import dev.weir.client.ProducerRecord;
import dev.weir.client.ProducerSettings;
import dev.weir.client.SendResult;
import dev.weir.client.Serializers;
import dev.weir.client.WeirClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import reactor.core.publisher.Flux;

/** Weir as its users start it: {@code bin/weir server}. */
final class WeirPeer implements Peer {
  static final int PORT = 19_800;

  private final Path home;
  private final String javaOptions;
  private final List<String> settings;

  WeirPeer(Path home) {
    this(home, "");
  }

  /**
   * @param javaOptions more flags for its JVM
   * @param settings of the broker, as KEY=VALUE
   */
  WeirPeer(Path home, String javaOptions, String... settings) {
    this.home = home;
    this.javaOptions = javaOptions;
    this.settings = List.of(settings);
  }

  @Override
  public String name() {
    return "Weir";
  }

  @Override
  public void prepare(Path dir) {}

  @Override
  public Process start(Path dir) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                home.resolve("bin/weir").toString(),
                "server",
                "--data-dir",
                dir.resolve("data").toString(),
                "--port",
                Integer.toString(PORT),
                "--http-port",
                Integer.toString(PORT + 1)));
    for (String setting : settings) {
      command.add("-D");
      command.add(setting);
    }
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(dir.resolve("out").toFile())
            .redirectError(dir.resolve("err").toFile());
    if (!javaOptions.isEmpty()) {
      builder.environment().put("WEIR_JAVA_OPTS", javaOptions);
    }
    return builder.start();
  }

  @Override
  public void awaitReady(Path dir, Process process) throws IOException, InterruptedException {
    try {
      Logs.await(dir.resolve("out"), process, "weir ready", Duration.ofMinutes(1));
    } catch (IOException e) {
      throw new IOException(e.getMessage() + Files.readString(dir.resolve("err")), e);
    }
  }

  @Override
  public void acknowledgeOne() {
    WeirClient client =
        WeirClient.create(
            ClientSettings.of("127.0.0.1:" + PORT).withConnectTimeout(Duration.ofSeconds(30)));
    client.admin().createTopic(NewTopic.of("first", 1)).block();
    SendResult<String> result =
        client
            .producer(ProducerSettings.of(Serializers.string(), Serializers.string()))
            .send(Flux.just(ProducerRecord.<String, String, String>of("first", "hello")))
            .blockLast();
    if (Objects.requireNonNull(result).error() != null) {
      throw result.error();
    }
    client.close().block();
  }
}
