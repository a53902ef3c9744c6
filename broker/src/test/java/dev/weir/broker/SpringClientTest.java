package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.rsocket.Payload;
import io.rsocket.exceptions.CustomRSocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reactivestreams.Publisher;
import org.springframework.http.codec.json.Jackson2JsonDecoder;
import org.springframework.http.codec.json.Jackson2JsonEncoder;
import org.springframework.messaging.rsocket.DefaultMetadataExtractor;
import org.springframework.messaging.rsocket.MetadataExtractor;
import org.springframework.messaging.rsocket.RSocketRequester;
import org.springframework.util.MimeType;
import org.springframework.util.MimeTypeUtils;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.util.retry.Retry;

/** Spring's client, as an application configures it, with nothing of ours. */
class SpringClientTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final MimeType RECORD = MimeType.valueOf("application/x.weir.record+json");

  /** With a dot, which Spring sends as %2E. */
  private static final String TOPIC = "eu.orders";

  @TempDir private Path dataDir;
  private RunningBroker broker;
  private RSocketRequester requester;

  /** The answer to a record. */
  record Stored(int partition, long offset) {}

  /** A record as it arrives. */
  record Received(JsonNode metadata, String value) {}

  @BeforeEach
  void start() {
    broker = RunningBroker.in(dataDir);
    requester = requester(broker);
    control("admin.topics.create", Map.of("name", TOPIC));
  }

  @AfterEach
  void stop() {
    requester.dispose();
    broker.close();
  }

  private static RSocketRequester requester(RunningBroker broker) {
    return RSocketRequester.builder()
        .dataMimeType(MimeTypeUtils.APPLICATION_JSON)
        .rsocketStrategies(
            strategies ->
                strategies.encoder(new Jackson2JsonEncoder()).decoder(new Jackson2JsonDecoder()))
        .tcp("127.0.0.1", broker.server().rsocketAddress().getPort());
  }

  /** A control route: Jackson writes the request and reads the answer. */
  private JsonNode control(String route, Object request) {
    return Objects.requireNonNull(
        requester.route(route).data(request).retrieveMono(JsonNode.class).block(SOON));
  }

  private RSocketRequester.RequestSpec produce(String topic) {
    return requester.route("topics.{topic}.produce", topic);
  }

  private List<Stored> produceAll(Publisher<String> values) {
    return produce(TOPIC)
        .data(values, String.class)
        .retrieveFlux(Stored.class)
        .collectList()
        .block(SOON);
  }

  private Flux<String> subscribe(String topic, Object options) {
    return requester
        .route("topics.{topic}.subscribe", topic)
        .data(options)
        .retrieveFlux(String.class);
  }

  /** Spring hands on the data of what it retrieves, not the metadata: those are in the payload. */
  private Flux<Received> subscribeWithMetadata(String options) {
    DefaultMetadataExtractor extractor = new DefaultMetadataExtractor(new Jackson2JsonDecoder());
    extractor.metadataToExtract(RECORD, JsonNode.class, "record");
    return requester
        .rsocketClient()
        .requestStream(
            Mono.fromSupplier(() -> PlainClient.payload("topics.eu%2Eorders.subscribe", options)))
        .map(payload -> received(payload, extractor));
  }

  private static Received received(Payload payload, MetadataExtractor extractor) {
    try {
      MimeType composite = MimeType.valueOf("message/x.rsocket.composite-metadata.v0");
      JsonNode record = (JsonNode) extractor.extract(payload, composite).get("record");
      return new Received(Objects.requireNonNull(record), payload.getDataUtf8());
    } finally {
      payload.release();
    }
  }

  private JsonNode subscriptions() {
    return control("admin.subscriptions.list", Map.of("topic", TOPIC)).get("subscriptions");
  }

  private static Flux<String> values(int from, int count) {
    return Flux.range(from, count).map(i -> "v" + i);
  }

  @Test
  void producesRecordByRecord() {
    Stored first = produce(TOPIC).data("a").retrieveMono(Stored.class).block(SOON);
    Stored second = produce(TOPIC).data("b").retrieveMono(Stored.class).block(SOON);
    produce(TOPIC).data("quiet").send().block(SOON);
    assertThat(List.of(first, second)).containsExactly(new Stored(0, 0), new Stored(0, 1));
    StepVerifier.create(subscribe(TOPIC, Map.of("from", "earliest")).take(3))
        .expectNext("a", "b", "quiet")
        .expectComplete()
        .verify(SOON);
  }

  @Test
  void producesOnAChannelAndLearnsEveryOffset() {
    assertThat(produceAll(values(0, 1_000)))
        .containsExactlyElementsOf(Flux.range(0, 1_000).map(i -> new Stored(0, i)).toIterable());
  }

  @Test
  void getsExactlyAsManyRecordsAsItAsksForUntilItCancels() {
    produceAll(values(0, 100));
    StepVerifier.create(subscribe(TOPIC, Map.of("from", "earliest")), 0)
        .thenRequest(7)
        .expectNext("v0", "v1", "v2", "v3", "v4", "v5", "v6")
        .then(() -> awaitSubscription(7, 93))
        .thenRequest(3)
        .expectNext("v7", "v8", "v9")
        .then(() -> awaitSubscription(10, 90))
        .thenCancel()
        .verify(SOON);
    await().atMost(SOON).until(() -> subscriptions().isEmpty());
  }

  /** What the broker says: so many given, so many left, and no demand for them. */
  private void awaitSubscription(int messages, int lag) {
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              assertThat(subscriptions()).hasSize(1);
              JsonNode subscription = subscriptions().get(0);
              assertThat(subscription.get("waitsFor").asText()).isEqualTo("demand");
              assertThat(subscription.get("messages").asInt()).isEqualTo(messages);
              assertThat(subscription.at("/partitions/0/lag").asInt()).isEqualTo(lag);
            });
  }

  @Test
  void readsARecordsMetadata() {
    Map<String, Object> metadata =
        Map.of("key", "k", "timestamp", 1_700_000_000_000L, "headers", List.of(List.of("h", "1")));
    produce(TOPIC).metadata(metadata, RECORD).data("v").retrieveMono(Stored.class).block(SOON);
    Received received = subscribeWithMetadata("{\"from\":\"earliest\"}").blockFirst(SOON);
    assertThat(received.value()).isEqualTo("v");
    assertThat(received.metadata())
        .hasToString(
            "{\"partition\":0,\"offset\":0,\"timestamp\":1700000000000,\"key\":\"k\","
                + "\"headers\":[[\"h\",\"1\"]]}");
  }

  @Test
  void readsErrorsThatNameWhatIsWrong() {
    assertFails(produce("no.pe").data("x").retrieveMono(Stored.class), 0x1004, "'no.pe'");
    assertFails(subscribe("no.pe", Map.of()), 0x1004, "'no.pe'");
    assertFails(subscribe(TOPIC, Map.of("form", 1)), 0x1002, "'form'");
    assertFails(
        produce(TOPIC).metadata(Map.of("keys", 1), RECORD).data("x").retrieveMono(Stored.class),
        0x1002,
        "'keys'");
    assertFails(requester.route("no.where").retrieveMono(String.class), 0x1003, "'no.where'");
    assertFails(
        produce("no.pe").data(values(0, 5), String.class).retrieveFlux(Stored.class),
        0x1004,
        "'no.pe'");
  }

  private static void assertFails(Publisher<?> call, int code, String words) {
    StepVerifier.create(call)
        .expectErrorSatisfies(
            e -> {
              assertThat(e).isInstanceOf(CustomRSocketException.class).hasMessageContaining(words);
              assertThat(((CustomRSocketException) e).errorCode()).isEqualTo(code);
            })
        .verify(SOON);
  }

  @Test
  void goesOnAtTheNextOffsetOfEachPartitionWhenTheBrokerRestarts() {
    produceAll(values(0, 10));
    Map<String, Long> next = new ConcurrentHashMap<>(Map.of("0", 0L));
    Flux<String> goingOn =
        Flux.defer(() -> subscribeWithMetadata("{\"from\":{\"offsets\":" + json(next) + "}}"))
            .doOnNext(
                record ->
                    next.put(
                        record.metadata().get("partition").asText(),
                        record.metadata().get("offset").asLong() + 1))
            .map(Received::value)
            .retryWhen(Retry.backoff(Long.MAX_VALUE, Duration.ofMillis(50)));
    StepVerifier.create(goingOn, 0)
        .thenRequest(4)
        .expectNext("v0", "v1", "v2", "v3")
        .then(this::restart)
        .then(() -> produceAll(values(10, 2)))
        .thenRequest(8)
        .expectNext("v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11")
        .thenCancel()
        .verify(SOON);
  }

  private static JsonNode json(Object value) {
    return new ObjectMapper().valueToTree(value);
  }

  private void restart() {
    int port = broker.server().rsocketAddress().getPort();
    broker.close();
    broker = RunningBroker.in(dataDir, Map.of(SettingKeys.PORT, Integer.toString(port)));
  }
}
