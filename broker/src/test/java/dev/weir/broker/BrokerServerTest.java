package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.core.error.WeirException;
import io.rsocket.Payload;
import io.rsocket.RSocket;
import io.rsocket.core.RSocketConnector;
import io.rsocket.metadata.WellKnownMimeType;
import io.rsocket.transport.netty.client.WebsocketClientTransport;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerServerTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  @TempDir private Path dir;

  @Test
  void refusesADataDirectoryThatIsInUse() {
    try (RunningBroker first = RunningBroker.in(dir)) {
      assertThatThrownBy(() -> RunningBroker.in(dir))
          .isInstanceOf(WeirException.class)
          .hasMessageContaining(dir.toString())
          .hasMessageContaining("is in use by another broker");
      assertThat(first.server().rsocketAddress().getPort()).isPositive();
    }
    RunningBroker.in(dir).close();
  }

  @Test
  void refusesADataDirectoryThatIsAFile() throws IOException {
    Path file = Files.writeString(dir.resolve("file"), "x");
    assertThatThrownBy(() -> RunningBroker.in(file))
        .isInstanceOf(WeirException.class)
        .hasMessageContaining("is not a directory");
    assertThatThrownBy(() -> RunningBroker.in(file.resolve("below")))
        .isInstanceOf(WeirException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void refusesAPortThatIsTakenAndLetsGoOfTheDataDirectory() {
    try (RunningBroker first = RunningBroker.in(dir.resolve("first"))) {
      for (var taken :
          Map.of(
                  SettingKeys.PORT, first.server().rsocketAddress(),
                  SettingKeys.HTTP_PORT, first.server().httpAddress())
              .entrySet()) {
        Map<String, String> settings =
            Map.of(
                SettingKeys.DATA_DIR, dir.resolve("second").toString(),
                SettingKeys.PORT, "0",
                SettingKeys.HTTP_PORT, "0");
        Map<String, String> clashing = new HashMap<>(settings);
        clashing.put(taken.getKey(), Integer.toString(taken.getValue().getPort()));
        assertThatThrownBy(() -> BrokerServer.start(BrokerSettings.load(null, clashing)))
            .isInstanceOf(WeirException.class)
            .hasMessageContaining("cannot listen")
            .hasMessageContaining(Integer.toString(taken.getValue().getPort()));
        BrokerServer.start(BrokerSettings.load(null, settings)).shutdown(SOON);
      }
    }
  }

  @Test
  void saysThatItsMetadataIsDamaged() throws IOException {
    RunningBroker.in(dir).close();
    Files.writeString(dir.resolve("cluster.metadata"), "nonsense");
    assertThatThrownBy(() -> RunningBroker.in(dir))
        .isInstanceOf(WeirException.class)
        .hasMessageContaining("cluster.metadata is damaged");
  }

  @Test
  void refusesToStartANewClusterOverALog() throws IOException {
    try (RunningBroker broker = RunningBroker.in(dir);
        PlainClient client = broker.connectJson()) {
      client.ask("admin.topics.create", "{\"name\":\"t\"}");
    }
    Files.delete(dir.resolve("cluster.metadata"));
    assertThatThrownBy(() -> RunningBroker.in(dir))
        .isInstanceOf(WeirException.class)
        .hasMessageContaining("cluster.metadata is missing");
  }

  @Test
  void aTopicWhosePartitionCannotBeOpenedIsNotCreated() throws IOException {
    try (RunningBroker broker = RunningBroker.in(dir);
        PlainClient client = broker.connectJson()) {
      Path log = Files.createDirectories(dir.resolve("t-1")).resolve("00000000000000000000.log");
      Files.writeString(log, "whose?");
      String create = "{\"name\":\"t\",\"partitions\":3}";
      assertThatThrownBy(() -> client.ask("admin.topics.create", create))
          .hasMessageContaining("partition t-1 could not be opened")
          .hasMessageContaining(log.getParent().toString());
      assertThat(client.ask("admin.topics.list", "{}")).doesNotContain("\"t\"");
      assertThat(log).hasContent("whose?");
      Files.delete(log);
      client.ask("admin.topics.create", create);
      assertThat(client.ask("topics.t.produce", "x")).contains("\"offset\":0");
    }
  }

  @Test
  void onePartitionThatLostItsIdentityKeepsNothingElseFromOpening() throws IOException {
    try (RunningBroker broker = RunningBroker.in(dir);
        PlainClient client = broker.connectJson()) {
      for (String topic : List.of("broken", "whole")) {
        client.ask("admin.topics.create", "{\"name\":\"" + topic + "\"}");
        client.ask("topics." + topic + ".produce", "x");
      }
    }
    Files.delete(dir.resolve("broken-0").resolve("partition.metadata"));
    try (RunningBroker broker = RunningBroker.in(dir);
        PlainClient client = broker.connectJson()) {
      assertThatThrownBy(() -> client.ask("topics.broken.produce", "x"))
          .hasMessageContaining(dir.resolve("broken-0").toString());
      assertThat(client.ask("topics.whole.produce", "x")).contains("\"offset\":1");
    }
  }

  @Test
  void finishesDeletionsThatWereCutShort() throws IOException {
    RunningBroker.in(dir).close();
    Path deleted = Files.createDirectory(dir.resolve("t-0." + UUID.randomUUID() + "-delete"));
    Files.writeString(deleted.resolve("00000000000000000000.log"), "gone");
    RunningBroker.in(dir).close();
    assertThat(deleted).doesNotExist();
  }

  @Test
  void leavesNoThreadBehind() {
    RunningBroker broker = RunningBroker.in(dir);
    try (PlainClient client = broker.connectJson()) {
      client.ask("admin.topics.create", "{\"name\":\"t\"}");
      client.ask("topics.t.produce", "x");
    }
    broker.close();
    // A thread is seen for a moment after it has said that it ends.
    await().atMost(SOON).untilAsserted(() -> assertThat(ownThreads()).isEmpty());
  }

  @Test
  void mayBeShutDownTwice() throws InterruptedException {
    RunningBroker broker = RunningBroker.in(dir);
    broker.close();
    broker.close();
    broker.server().awaitTermination();
  }

  @Test
  void setsADirectoryOfAnotherTopicAside() throws IOException {
    RunningBroker.in(dir).close();
    Path stray = Files.createDirectories(dir.resolve("t-0"));
    Files.writeString(stray.resolve("00000000000000000000.log"), "not ours");
    Files.writeString(
        stray.resolve("partition.metadata"), "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAQ");
    try (RunningBroker broker = RunningBroker.in(dir);
        PlainClient client = broker.connectJson()) {
      client.ask("admin.topics.create", "{\"name\":\"t\"}");
      assertThat(client.ask("topics.t.produce", "x")).contains("\"offset\":0");
    }
    try (var entries = Files.list(dir)) {
      assertThat(entries.map(path -> path.getFileName().toString()))
          .anyMatch(name -> name.startsWith("t-0.") && name.endsWith("-stray"));
    }
  }

  @Test
  void answersHealthMetricsAndStatusOverHttp() throws Exception {
    try (RunningBroker broker = RunningBroker.in(dir);
        PlainClient client = broker.connectJson()) {
      client.ask("admin.topics.create", "{\"name\":\"t\"}");
      client.ask("topics.t.produce", "x");
      assertThat(get(broker, "/health/live").statusCode()).isEqualTo(200);
      assertThat(get(broker, "/health/ready").statusCode()).isEqualTo(200);
      assertThat(get(broker, "/").body()).contains("partitions   1");
      assertThat(get(broker, "/metrics").body())
          .contains("weir_append_batches_total 1.0", "weir_connections 1.0", "weir_partitions 1.0");
      assertThat(get(broker, "/nothing").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void countsWhatIsLostOfFireAndForget() throws Exception {
    try (RunningBroker broker = RunningBroker.in(dir);
        PlainClient client = broker.connectJson()) {
      client.rsocket().fireAndForget(PlainClient.payload("topics.nope.produce", "x")).block(SOON);
      client.ask("admin.topics.list", ""); // behind it on the same connection
      assertThat(get(broker, "/metrics").body()).contains("weir_produce_lost_total 1.0");
    }
  }

  @Test
  void servesRSocketOverWebSocket() {
    try (RunningBroker broker = RunningBroker.in(dir)) {
      URI uri =
          URI.create("ws://127.0.0.1:" + broker.server().httpAddress().getPort() + "/rsocket");
      RSocket rsocket =
          RSocketConnector.create()
              .metadataMimeType(WellKnownMimeType.MESSAGE_RSOCKET_COMPOSITE_METADATA.getString())
              .dataMimeType("application/json")
              .connect(WebsocketClientTransport.create(uri))
              .block(SOON);
      rsocket
          .requestResponse(PlainClient.payload("admin.topics.create", "{\"name\":\"t\"}"))
          .block(SOON);
      rsocket.requestResponse(PlainClient.payload("topics.t.produce", "hello")).block(SOON);
      assertThat(
              rsocket
                  .requestStream(
                      PlainClient.payload("topics.t.subscribe", "{\"from\":\"earliest\"}"))
                  .map(Payload::getDataUtf8)
                  .blockFirst(SOON))
          .isEqualTo("hello");
      rsocket.dispose();
    }
  }

  private static Set<String> ownThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("weir-"))
        .collect(Collectors.toSet());
  }

  private static HttpResponse<String> get(RunningBroker broker, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + broker.server().httpAddress().getPort() + path);
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }
}
