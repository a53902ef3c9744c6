package dev.weir.benchmarks;

import dev.weir.client.ClientSettings;
import dev.weir.client.NewTopic;
import dev.weir.client.ProducerRecord;
import dev.weir.client.ProducerSettings;
import dev.weir.client.SendResult;
import dev.weir.client.Serializers;
import dev.weir.client.WeirClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import reactor.core.publisher.Flux;

/** Weir as its users start it: {@code bin/weir server}. */
final class WeirPeer implements Peer {
  static final int PORT = 19_800;

  private final Path home;

  WeirPeer(Path home) {
    this.home = home;
  }

  @Override
  public String name() {
    return "Weir";
  }

  @Override
  public void prepare(Path dir) {}

  @Override
  public Process start(Path dir) throws IOException {
    return new ProcessBuilder(
            home.resolve("bin/weir").toString(),
            "server",
            "--data-dir",
            dir.resolve("data").toString(),
            "--port",
            Integer.toString(PORT),
            "--http-port",
            Integer.toString(PORT + 1))
        .redirectOutput(dir.resolve("out").toFile())
        .redirectError(dir.resolve("err").toFile())
        .start();
  }

  @Override
  public void awaitReady(Path dir, Process process) throws IOException, InterruptedException {
    Logs.await(dir.resolve("out"), process, "weir ready", Duration.ofMinutes(1));
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
