package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.rsocket.Payload;
import io.rsocket.core.RSocketClient;
import io.rsocket.exceptions.CustomRSocketException;
import io.rsocket.transport.netty.client.TcpClientTransport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.util.retry.Retry;

/** The record-level routes, tried with plain rsocket-java. */
class AnyRSocketClientTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final int UNKNOWN_ROUTE = 0x1003;
  private static final int INVALID_REQUEST = 0x1002;
  private static final int UNKNOWN_TOPIC = 0x1004;

  @TempDir private Path dataDir;
  private RunningBroker broker;
  private PlainClient client;

  @BeforeEach
  void start() {
    broker = RunningBroker.in(dataDir);
    client = broker.connectJson();
    createTopic("orders", 1);
  }

  @AfterEach
  void stop() {
    client.close();
    broker.close();
  }

  @Test
  void producesARecordAndLearnsItsPartitionAndOffset() {
    assertThat(client.ask("topics.orders.produce", "first"))
        .isEqualTo("{\"partition\":0,\"offset\":0}");
    assertThat(client.ask("topics.orders.produce", "second"))
        .isEqualTo("{\"partition\":0,\"offset\":1}");
  }

  @Test
  void percentDecodesTheTopicInTheRoute() {
    createTopic("eu.orders", 1);
    assertThat(client.ask("topics.eu%2Eorders.produce", "x")).contains("\"offset\":0");
    assertThat(client.ask("topics.eu.orders.produce", "x")).contains("\"offset\":1");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 100})
  void getsExactlyAsManyRecordsAsItAskedFor(int recordsPerBatch) {
    for (int sent = 0; sent < 120; sent += recordsPerBatch) {
      produceTogether("orders", sent, recordsPerBatch);
    }
    StepVerifier.create(subscribe("orders", "{\"from\":\"earliest\"}"), 0)
        .thenRequest(7)
        .expectNext("v0", "v1", "v2", "v3", "v4", "v5", "v6")
        .expectNoEvent(Duration.ofMillis(200))
        .thenRequest(3)
        .expectNext("v7", "v8", "v9")
        .expectNoEvent(Duration.ofMillis(200))
        .thenCancel()
        .verify(SOON);
  }

  @Test
  void channelAnswersInTheOrderOfItsRecords() {
    createTopic("spread", 4);
    List<String> answers =
        client
            .rsocket()
            .requestChannel(
                Flux.range(0, 2_000)
                    .map(i -> PlainClient.record("topics.spread.produce", null, "v" + i)))
            .map(Payload::getDataUtf8)
            .collectList()
            .block(SOON);
    assertThat(answers).hasSize(2_000);
    for (int partition = 0; partition < 4; partition++) {
      String prefix = "{\"partition\":" + partition + ",\"offset\":";
      List<String> ofPartition = answers.stream().filter(a -> a.startsWith(prefix)).toList();
      assertThat(ofPartition)
          .containsExactlyElementsOf(
              IntStream.range(0, ofPartition.size()).mapToObj(i -> prefix + i + "}").toList());
    }
  }

  @Test
  void carriesKeysHeadersTimestampsAndTombstones() {
    String entry =
        "{\"key\":\"k\",\"timestamp\":1700000000000,\"headers\":[[\"a\",\"1\"],[\"b\",{\"base64\":\"/w==\"}]],"
            + "\"tombstone\":true}";
    send(PlainClient.record("topics.orders.produce", entry, ""));
    send(PlainClient.record("topics.orders.produce", "{\"keyBase64\":\"/w==\"}", ""));
    List<Payload> received =
        client
            .rsocket()
            .requestStream(
                PlainClient.payload("topics.orders.subscribe", "{\"from\":\"earliest\"}"))
            .take(2)
            .collectList()
            .block(SOON);
    assertThat(PlainClient.recordJson(received.get(0)))
        .isEqualTo(
            "{\"partition\":0,\"offset\":0,\"timestamp\":1700000000000,\"key\":\"k\","
                + "\"headers\":[[\"a\",\"1\"],[\"b\",{\"base64\":\"/w==\"}]],\"tombstone\":true}");
    assertThat(PlainClient.recordJson(received.get(1)))
        .contains("\"keyBase64\":\"/w==\"")
        .doesNotContain("tombstone");
  }

  @Test
  void sameKeySamePartition() {
    createTopic("keyed", 8);
    String first = send(PlainClient.record("topics.keyed.produce", "{\"key\":\"k1\"}", "a"));
    String second = send(PlainClient.record("topics.keyed.produce", "{\"key\":\"k1\"}", "b"));
    assertThat(second.substring(0, second.indexOf(',')))
        .isEqualTo(first.substring(0, first.indexOf(',')));
  }

  @Test
  void fireAndForgetIsStored() {
    client
        .rsocket()
        .fireAndForget(PlainClient.record("topics.orders.produce", null, "quiet"))
        .block(SOON);
    StepVerifier.create(subscribe("orders", "{\"from\":\"earliest\"}").take(1))
        .expectNext("quiet")
        .expectComplete()
        .verify(SOON);
  }

  @Test
  void startsAtAnOffset() {
    produceTogether("orders", 0, 10);
    StepVerifier.create(subscribe("orders", "{\"from\":{\"offset\":4},\"partition\":0}").take(2))
        .expectNext("v4", "v5")
        .expectComplete()
        .verify(SOON);
  }

  @Test
  void startsAtOffsetsByPartition() {
    createTopic("two", 2);
    for (int i = 0; i < 4; i++) {
      send(PlainClient.record("topics.two.produce", "{\"partition\":0}", "a" + i));
      send(PlainClient.record("topics.two.produce", "{\"partition\":1}", "b" + i));
    }
    List<String> received =
        subscribe("two", "{\"from\":{\"offsets\":{\"0\":2,\"1\":3}}}")
            .take(3)
            .collectList()
            .block(SOON);
    assertThat(received).containsExactlyInAnyOrder("a2", "a3", "b3");
  }

  @Test
  void startsAtATime() {
    for (int i = 0; i < 5; i++) {
      send(
          PlainClient.record(
              "topics.orders.produce", "{\"timestamp\":" + (1000 + i * 10) + "}", "v" + i));
    }
    StepVerifier.create(subscribe("orders", "{\"from\":{\"timestamp\":1025}}").take(2))
        .expectNext("v3", "v4")
        .expectComplete()
        .verify(SOON);
  }

  @Test
  void anEmptyRequestMeansWhatComesFromNowOn() {
    send(PlainClient.record("topics.orders.produce", null, "old"));
    List<String> received = new CopyOnWriteArrayList<>();
    BaseSubscriber<String> subscriber =
        new BaseSubscriber<>() {
          @Override
          protected void hookOnSubscribe(Subscription subscription) {
            subscription.request(10);
          }

          @Override
          protected void hookOnNext(String value) {
            received.add(value);
          }
        };
    subscribe("orders", "").subscribe(subscriber);
    // The subscription takes its place at some moment; from then on every record comes.
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              send(PlainClient.record("topics.orders.produce", null, "new"));
              assertThat(received).contains("new");
            });
    assertThat(received).doesNotContain("old");
    subscriber.dispose();
  }

  @Test
  void subscriptionsAreRenewedAfterTheLimit() {
    client.close();
    broker.close();
    broker = RunningBroker.in(dataDir, Map.of("stream.credits.max", "5"));
    client = broker.connectJson();
    produceTogether("orders", 0, 10);
    StepVerifier.create(subscribe("orders", "{\"from\":\"earliest\"}").limitRate(2))
        .expectNextCount(5)
        .expectErrorSatisfies(e -> assertError(e, 0x101d, "subscribe again"))
        .verify(SOON);
  }

  @Test
  void subscriptionsWithoutABoundAreNeverRenewed() {
    client.close();
    broker.close();
    broker = RunningBroker.in(dataDir, Map.of("stream.credits.max", "5"));
    client = broker.connectJson();
    produceTogether("orders", 0, 50);
    StepVerifier.create(subscribe("orders", "{\"from\":\"earliest\"}"))
        .expectNextCount(50)
        .thenCancel()
        .verify(SOON);
  }

  @Test
  void goesOnAtTheNextOffsetWhenTheBrokerRestarts() {
    produceTogether("orders", 0, 10);
    int port = broker.server().rsocketAddress().getPort();
    RSocketClient again =
        RSocketClient.from(
            PlainClient.dial(TcpClientTransport.create("127.0.0.1", port), "application/json"));
    AtomicLong next = new AtomicLong();
    Flux<String> goingOn =
        again
            .requestStream(Mono.fromSupplier(() -> fromOffset("orders", next.get())))
            .map(Payload::getDataUtf8)
            .doOnNext(value -> next.incrementAndGet())
            .retryWhen(Retry.backoff(Long.MAX_VALUE, Duration.ofMillis(50)));
    StepVerifier.create(goingOn, 0)
        .thenRequest(4)
        .expectNext("v0", "v1", "v2", "v3")
        .then(
            () -> {
              client.close();
              broker.close();
              broker = RunningBroker.in(dataDir, Map.of(SettingKeys.PORT, Integer.toString(port)));
              client = broker.connectJson();
              produceTogether("orders", 10, 2);
            })
        .thenRequest(8)
        .expectNext("v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11")
        .thenCancel()
        .verify(SOON);
    again.dispose();
  }

  private static Payload fromOffset(String topic, long offset) {
    return PlainClient.payload(
        "topics." + topic + ".subscribe", "{\"from\":{\"offset\":" + offset + "},\"partition\":0}");
  }

  @Test
  void changedTopicSettingsHoldAtOnce() {
    client.ask("admin.topics.alter", "{\"name\":\"orders\",\"set\":{\"max.record.bytes\":\"10\"}}");
    assertFails(
        () -> client.ask("topics.orders.produce", "x".repeat(11)), 0x1010, "the limit is 10");
    client.ask("admin.topics.alter", "{\"name\":\"orders\",\"reset\":[\"max.record.bytes\"]}");
    assertThat(client.ask("topics.orders.produce", "x".repeat(11))).contains("\"offset\":0");
    assertFails(
        () ->
            client.ask(
                "admin.topics.alter",
                "{\"name\":\"orders\",\"set\":{\"min.insync.replicas\":\"2\"}}"),
        0x1008,
        "replication factor is 1");
    assertFails(
        () -> client.ask("admin.topics.alter", "{\"name\":\"orders\",\"reset\":[\"max.bytes\"]}"),
        0x1008,
        "'max.bytes'");
    assertThat(client.ask("admin.topics.describe", "{\"name\":\"orders\"}"))
        .contains("\"max.record.bytes\":\"1048576\"", "\"state\":\"online\"");
  }

  @Test
  void tooFewReplicasInSyncAreNamed() {
    client.close();
    broker.close();
    broker = RunningBroker.in(dataDir, Map.of("topic.min.insync.replicas", "2"));
    client = broker.connectJson();
    assertFails(() -> client.ask("topics.orders.produce", "x"), 0x1016, "min.insync.replicas");
    client.ask("admin.topics.alter", "{\"name\":\"orders\",\"set\":{\"retention.ms\":\"5\"}}");
    client.ask(
        "admin.topics.alter", "{\"name\":\"orders\",\"set\":{\"min.insync.replicas\":\"1\"}}");
    assertThat(client.ask("topics.orders.produce", "x")).contains("\"offset\":0");
  }

  @Test
  void unknownTopicIsNamed() {
    assertFails(() -> client.ask("topics.nope.produce", "x"), UNKNOWN_TOPIC, "'nope'");
    assertFails(() -> subscribe("nope", "").blockFirst(SOON), UNKNOWN_TOPIC, "'nope'");
  }

  @Test
  void unknownPartitionIsNamed() {
    assertFails(
        () -> send(PlainClient.record("topics.orders.produce", "{\"partition\":3}", "x")),
        0x1005,
        "'orders' has 1 partitions, not a partition 3");
    assertFails(
        () -> subscribe("orders", "{\"partition\":3}").blockFirst(SOON), 0x1005, "partition 3");
  }

  @Test
  void unknownOptionIsNamed() {
    assertFails(
        () -> subscribe("orders", "{\"form\":\"earliest\"}").blockFirst(SOON),
        INVALID_REQUEST,
        "'form'");
    assertFails(
        () -> subscribe("orders", "{\"from\":\"first\"}").blockFirst(SOON),
        INVALID_REQUEST,
        "'first'");
    assertFails(
        () -> subscribe("orders", "{\"from\":{\"offset\":\"4\"},\"partition\":0}").blockFirst(SOON),
        INVALID_REQUEST,
        "from.offset");
    assertFails(
        () -> subscribe("orders", "{\"from\":{\"offset\":4}}").blockFirst(SOON),
        INVALID_REQUEST,
        "needs 'partition'");
    assertFails(
        () -> subscribe("orders", "nonsense").blockFirst(SOON), INVALID_REQUEST, "not JSON");
    assertFails(
        () -> send(PlainClient.record("topics.orders.produce", "{\"keys\":\"k\"}", "x")),
        INVALID_REQUEST,
        "'keys'");
    assertFails(
        () -> send(PlainClient.record("topics.orders.produce", "{\"headers\":{}}", "x")),
        INVALID_REQUEST,
        "'headers'");
  }

  @Test
  void offsetBeyondTheLogIsNamedWithTheLogsBounds() {
    produceTogether("orders", 0, 3);
    assertFails(
        () -> subscribe("orders", "{\"from\":{\"offset\":9},\"partition\":0}").blockFirst(SOON),
        0x100d,
        "offset 9 is not in orders-0, which has the offsets 0 to 3");
  }

  @Test
  void tooLargeARecordIsRefusedAndTheConnectionGoesOn() {
    assertFails(
        () -> client.ask("topics.orders.produce", "x".repeat((1 << 20) + 1)),
        0x1010,
        "1048577 bytes; the limit is 1048576");
    assertThat(client.ask("topics.orders.produce", "x".repeat(1 << 20))).contains("\"offset\":0");
  }

  @Test
  void unknownRouteAndInteractionAreNamed() {
    assertFails(() -> client.ask("nowhere", ""), UNKNOWN_ROUTE, "'nowhere'");
    assertFails(
        () ->
            client
                .rsocket()
                .requestStream(PlainClient.payload("topics.orders.produce", ""))
                .blockFirst(SOON),
        UNKNOWN_ROUTE,
        "request-stream");
  }

  @Test
  void topicsAreManagedInJson() {
    assertThat(client.ask("admin.topics.list", "{}")).contains("\"name\":\"orders\"");
    assertFails(
        () -> client.ask("admin.topics.create", "{\"name\":\"orders\"}"),
        0x1006,
        "'orders' exists already");
    assertFails(() -> client.ask("admin.topics.create", "{\"name\":\"a b\"}"), 0x1007, "'a b'");
    assertFails(
        () ->
            client.ask(
                "admin.topics.create", "{\"name\":\"c\",\"config\":{\"segment.byte\":\"1\"}}"),
        0x1008,
        "'segment.byte'");
    assertFails(() -> client.ask("admin.topics.create", "{\"nam\":\"c\"}"), INVALID_REQUEST, "nam");
    assertFails(
        () -> client.ask("admin.topics.create", "{\"name\":\"c\",\"replicationFactor\":3}"),
        0x1009,
        "replication factor 3");
    assertFails(
        () -> client.ask("admin.topics.create", "{\"name\":\"c\",\"partitions\":1000000}"),
        INVALID_REQUEST,
        "partitions.max");
    client.ask("admin.topics.delete", "{\"name\":\"orders\"}");
    assertFails(() -> client.ask("topics.orders.produce", "x"), UNKNOWN_TOPIC, "'orders'");
    createTopic("orders", 1);
    assertThat(client.ask("topics.orders.produce", "x")).contains("\"offset\":0");
  }

  @Test
  void deletingATopicEndsItsSubscriptions() {
    StepVerifier.create(subscribe("orders", "{\"from\":\"earliest\"}"))
        .then(() -> client.ask("topics.orders.produce", "x"))
        .expectNext("x")
        .then(() -> client.ask("admin.topics.delete", "{\"name\":\"orders\"}"))
        .expectErrorSatisfies(e -> assertError(e, UNKNOWN_TOPIC, "'orders' has been deleted"))
        .verify(SOON);
  }

  private void createTopic(String name, int partitions) {
    client.ask(
        "admin.topics.create", "{\"name\":\"" + name + "\",\"partitions\":" + partitions + "}");
  }

  /** Through one channel, so that they share batches as far as the broker likes. */
  private void produceTogether(String topic, int from, int count) {
    client
        .rsocket()
        .requestChannel(
            Flux.range(from, count)
                .map(i -> PlainClient.record("topics." + topic + ".produce", null, "v" + i)))
        .blockLast(SOON);
  }

  private String send(Payload payload) {
    return client.rsocket().requestResponse(payload).map(Payload::getDataUtf8).block(SOON);
  }

  private Flux<String> subscribe(String topic, String options) {
    return client
        .rsocket()
        .requestStream(PlainClient.payload("topics." + topic + ".subscribe", options))
        .map(Payload::getDataUtf8);
  }

  private static void assertFails(ThrowingCallable call, int code, String words) {
    assertThatThrownBy(call).satisfies(e -> assertError(e, code, words));
  }

  private static void assertError(Throwable error, int code, String words) {
    assertThat(error).isInstanceOf(CustomRSocketException.class).hasMessageContaining(words);
    assertThat(((CustomRSocketException) error).errorCode()).isEqualTo(code);
  }
}
