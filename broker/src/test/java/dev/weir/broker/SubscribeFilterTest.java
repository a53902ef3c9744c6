package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.rsocket.Payload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

/** Subscribers that ask for some of the records only. */
class SubscribeFilterTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir private Path dataDir;
  private RunningBroker broker;
  private PlainClient client;

  @BeforeEach
  void start() {
    broker = RunningBroker.in(dataDir);
    client = broker.connectJson();
    client.ask("admin.topics.create", "{\"name\":\"t\",\"partitions\":3}");
  }

  @AfterEach
  void stop() {
    client.close();
    broker.close();
  }

  private void produce(String entry, String value) {
    client
        .rsocket()
        .requestResponse(PlainClient.record("topics.t.produce", entry, value))
        .map(Payload::getDataUtf8)
        .block(SOON);
  }

  private Flux<String> subscribe(String options) {
    return client
        .rsocket()
        .requestStream(PlainClient.payload("topics.t.subscribe", options))
        .map(Payload::getDataUtf8);
  }

  @Test
  void byKeyDemandCountsOnlyWhatIsWanted() {
    for (int i = 0; i < 300; i++) {
      produce("{\"partition\":0,\"key\":\"k" + i % 100 + "\"}", "v" + i);
    }
    produce("{\"partition\":0}", "without a key");
    produce("{\"partition\":0,\"keyBase64\":\"/w==\"}", "bytes");
    String where =
        "{\"from\":\"earliest\",\"where\":{\"keys\":[\"k7\",\"k9\",{\"base64\":\"/w==\"}]}}";
    StepVerifier.create(subscribe(where), 0)
        .thenRequest(3)
        .expectNext("v7", "v9", "v107")
        .expectNoEvent(Duration.ofMillis(200))
        .thenRequest(10)
        .expectNext("v109", "v207", "v209", "bytes")
        .then(() -> produce("{\"partition\":0,\"key\":\"k8\"}", "not wanted"))
        .then(() -> produce("{\"partition\":0,\"key\":\"k9\"}", "later"))
        .expectNext("later")
        .thenCancel()
        .verify(SOON);
  }

  @Test
  void byHeadersWhichMustAllBeThere() {
    String unit = "[\"unit\",\"C\"]";
    produce("{\"partition\":0,\"headers\":[" + unit + ",[\"site\",\"eu-1\"]]}", "both");
    produce("{\"partition\":0,\"headers\":[" + unit + "]}", "one");
    produce("{\"partition\":0,\"headers\":[" + unit + ",[\"site\",\"us-1\"]]}", "another site");
    produce("{\"partition\":0,\"headers\":[" + unit + ",[\"site\",null]]}", "no value");
    produce(
        "{\"partition\":0,\"headers\":[" + unit + ",[\"site\",\"us\"],[\"site\",\"eu-2\"]]}",
        "twice");
    produce("{\"partition\":0}", "none");
    produce("{\"partition\":0,\"headers\":[[\"unit\",\"CC\"],[\"site\",\"eu-\"]]}", "longer");
    produce("{\"partition\":0,\"headers\":[" + unit + ",[\"site\",\"eu-\"]]}", "end");
    assertThat(
            subscribe(
                    "{\"from\":\"earliest\",\"where\":{\"headers\":["
                        + unit
                        + ",[\"site\",{\"prefix\":\"eu-\"}]]}}")
                .take(3)
                .collectList()
                .block(SOON))
        .isEqualTo(List.of("both", "twice", "end"));
  }

  @Test
  void byPartitions() {
    for (int i = 0; i < 9; i++) {
      produce("{\"partition\":" + i % 3 + "}", "v" + i);
    }
    assertThat(
            subscribe("{\"from\":\"earliest\",\"partitions\":[0,2]}")
                .take(6)
                .collectList()
                .block(SOON))
        .containsExactlyInAnyOrder("v0", "v2", "v3", "v5", "v6", "v8");
  }
}
