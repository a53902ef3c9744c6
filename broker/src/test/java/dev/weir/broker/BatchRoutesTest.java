package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.protocol.DeleteTopicRequest;
import dev.weir.core.protocol.DeleteTopicResponse;
import dev.weir.core.protocol.FetchEvent;
import dev.weir.core.protocol.FetchRequest;
import dev.weir.core.protocol.ListOffsetsRequest;
import dev.weir.core.protocol.ListOffsetsResponse;
import dev.weir.core.protocol.MetadataRequest;
import dev.weir.core.protocol.MetadataResponse;
import dev.weir.core.protocol.ProduceResult;
import dev.weir.core.protocol.ProducerInitRequest;
import dev.weir.core.protocol.ProducerInitResponse;
import io.rsocket.exceptions.CustomRSocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

/** The library-level routes over the wire, and what survives a restart. */
class BatchRoutesTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  @TempDir private Path dataDir;
  private RunningBroker broker;
  private PlainClient client;
  private LibraryLevel weir;

  @BeforeEach
  void start() {
    start(Map.of());
  }

  private void start(Map<String, String> settings) {
    broker = RunningBroker.in(dataDir, settings);
    client = broker.connect();
    weir = new LibraryLevel(client);
  }

  @AfterEach
  void stop() {
    client.close();
    broker.close();
  }

  private void restart(Map<String, String> settings) {
    stop();
    start(settings);
  }

  @Test
  void aChannelAnswersEveryBatchAndABadOneFailsItselfAlone() {
    ByteString topic = weir.createTopic("t", 2);
    byte[] damaged = Batches.of("x");
    damaged[damaged.length - 1]++;
    List<ProduceResult> results =
        weir.produceAll(
                Flux.just(
                    LibraryLevel.batch(topic, 0, 1, Batches.of("a", "b")),
                    LibraryLevel.batch(topic, 0, 2, damaged),
                    LibraryLevel.batch(topic, 7, 3, Batches.of("nowhere")),
                    LibraryLevel.batch(topic, 1, 4, Batches.of("c")),
                    LibraryLevel.batch(topic, 0, 5, Batches.of("d"))))
            .collectSortedList((x, y) -> Long.compare(x.getCorrelationId(), y.getCorrelationId()))
            .block(SOON);
    assertThat(results)
        .extracting(ProduceResult::getError)
        .containsExactly(
            0, ErrorCode.CORRUPT_BATCH.number(), ErrorCode.UNKNOWN_PARTITION.number(), 0, 0);
    assertThat(results)
        .extracting(ProduceResult::getBaseOffset)
        .containsExactly(0L, -1L, -1L, 0L, 2L);
    assertThat(results.get(2).getErrorMessage()).contains("'t' has 2 partitions");
  }

  @Test
  void aChannelOutlivesThousandsOfBatches() {
    ByteString topic = weir.createTopic("t", 1);
    long stored =
        weir.produceAll(
                Flux.range(0, 5_000).map(i -> LibraryLevel.batch(topic, 0, i, Batches.of("v" + i))))
            .filter(result -> result.getError() == 0)
            .count()
            .block(Duration.ofSeconds(30));
    assertThat(stored).isEqualTo(5_000);
    List<String> values =
        weir.fetch(topic, 0)
            .flatMapIterable(LibraryLevel.Frame::values)
            .take(5_000)
            .collectList()
            .block(SOON);
    assertThat(values)
        .containsExactlyElementsOf(Flux.range(0, 5_000).map(i -> "v" + i).toIterable());
  }

  @Test
  void fetchWaitsAtTheHighWatermarkAndGoesOn() {
    ByteString topic = weir.createTopic("t", 1);
    StepVerifier.create(weir.fetch(topic, 0).map(LibraryLevel.Frame::values))
        .expectSubscription()
        .expectNoEvent(Duration.ofMillis(100))
        .then(() -> weir.produce(topic, Batches.of("a")))
        .expectNext(List.of("a"))
        .then(() -> weir.produce(topic, Batches.of("b", "c")))
        .expectNext(List.of("b", "c"))
        .thenCancel()
        .verify(SOON);
  }

  @Test
  void fetchSendsNoMoreFramesThanWereAskedFor() {
    ByteString topic = weir.createTopic("t", 1);
    for (int i = 0; i < 5; i++) {
      weir.produce(topic, Batches.of("v" + i));
    }
    FetchRequest oneBatchPerFrame =
        FetchRequest.newBuilder().setTopicId(topic).setLeaderEpoch(-1).setMaxFrameBytes(1).build();
    StepVerifier.create(weir.fetch(oneBatchPerFrame).map(LibraryLevel.Frame::values), 2)
        .expectNext(List.of("v0"), List.of("v1"))
        .expectNoEvent(Duration.ofMillis(200))
        .thenRequest(1)
        .expectNext(List.of("v2"))
        .thenCancel()
        .verify(SOON);
  }

  @Test
  void fetchHeaderTellsWhereToGoOn() {
    ByteString topic = weir.createTopic("t", 1);
    weir.produce(topic, Batches.of("a", "b", "c"));
    LibraryLevel.Frame frame = weir.fetch(topic, 1).blockFirst(SOON);
    assertThat(frame.header().getNextOffset()).isEqualTo(3);
    assertThat(frame.header().getHighWatermark()).isEqualTo(3);
    assertThat(frame.header().getLeaderEpoch()).isEqualTo(1);
    assertThat(frame.header().getEvent()).isEqualTo(FetchEvent.FETCH_DATA);
  }

  @Test
  void fetchOutOfRangeNamesTheBounds() {
    ByteString topic = weir.createTopic("t", 1);
    weir.produce(topic, Batches.of("a"));
    assertError(
        () -> weir.fetch(topic, 5).blockFirst(SOON),
        ErrorCode.OFFSET_OUT_OF_RANGE,
        "offset 5 is not in t-0, which has the offsets 0 to 1");
  }

  @Test
  void fetchChecksTheLeaderEpoch() {
    ByteString topic = weir.createTopic("t", 1);
    FetchRequest.Builder request = FetchRequest.newBuilder().setTopicId(topic);
    assertError(
        () -> weir.fetch(request.setLeaderEpoch(0).build()).blockFirst(SOON),
        ErrorCode.FENCED_LEADER_EPOCH,
        "the leader epoch of t-0 is 1, not 0");
    assertError(
        () -> weir.fetch(request.setLeaderEpoch(2).build()).blockFirst(SOON),
        ErrorCode.UNKNOWN_LEADER_EPOCH,
        "not 2");
  }

  @Test
  void fetchRotatesAtItsLimit() {
    restart(Map.of("stream.credits.max", "3"));
    ByteString topic = weir.createTopic("t", 1);
    for (int i = 0; i < 5; i++) {
      weir.produce(topic, Batches.of("v" + i));
    }
    FetchRequest oneBatchPerFrame =
        FetchRequest.newBuilder().setTopicId(topic).setLeaderEpoch(-1).setMaxFrameBytes(1).build();
    List<LibraryLevel.Frame> frames = weir.fetch(oneBatchPerFrame).collectList().block(SOON);
    assertThat(frames).hasSize(4);
    assertThat(frames.get(3).header().getEvent()).isEqualTo(FetchEvent.FETCH_ROTATE);
    assertThat(frames.get(3).header().getNextOffset()).isEqualTo(3);
    assertThat(frames.get(3).values()).isEmpty();
  }

  @Test
  void deletingATopicEndsItsFetches() {
    ByteString topic = weir.createTopic("t", 1);
    StepVerifier.create(weir.fetch(topic, 0).map(frame -> frame.header().getEvent()))
        .then(() -> weir.produce(topic, Batches.of("a")))
        .expectNext(FetchEvent.FETCH_DATA)
        .then(() -> deleteTopic("t"))
        .expectNext(FetchEvent.FETCH_DELETED)
        .expectComplete()
        .verify(SOON);
  }

  @Test
  void rangesOfCancelledFetchesAreGivenBack() {
    ByteString topic = weir.createTopic("t", 1);
    String value = "x".repeat(50_000);
    weir.produceAll(Flux.range(0, 100).map(i -> LibraryLevel.batch(topic, 0, i, Batches.of(value))))
        .blockLast(SOON);
    Random random = new Random(1);
    Flux.range(0, 300)
        .flatMap(
            i ->
                weir.fetch(topic, random.nextInt(100))
                    .take(1 + random.nextInt(5))
                    .take(Duration.ofMillis(1 + random.nextInt(20))),
            16)
        .blockLast(Duration.ofSeconds(30));
    deleteTopic("t");
    // A log's files go when no range of them is out any more.
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(dataDir.toFile().list()).noneMatch(name -> name.startsWith("t-0")));
  }

  @Test
  void shuttingDownEndsFetchesAndProducersInGoodOrder() {
    ByteString topic = weir.createTopic("t", 1);
    weir.produce(topic, Batches.of("a"));
    StepVerifier.create(weir.fetch(topic, 0).map(frame -> frame.header().getEvent()))
        .expectNext(FetchEvent.FETCH_DATA)
        .then(() -> broker.close())
        .expectNext(FetchEvent.FETCH_SHUTDOWN)
        .expectComplete()
        .verify(SOON);
  }

  @Test
  void listsOffsetsByPositionAndTime() {
    ByteString topic = weir.createTopic("t", 1);
    weir.produce(topic, Batches.of("a", "b"));
    assertThat(offset(ListOffsetsRequest.newBuilder().setTopicId(topic).setEarliest(true)))
        .isZero();
    assertThat(offset(ListOffsetsRequest.newBuilder().setTopicId(topic).setLatest(true)))
        .isEqualTo(2);
    assertThat(offset(ListOffsetsRequest.newBuilder().setTopicId(topic).setTimestamp(1000)))
        .isZero();
    assertThat(offset(ListOffsetsRequest.newBuilder().setTopicId(topic).setTimestamp(1001)))
        .isEqualTo(-1);
  }

  @Test
  void metadataNamesTheBrokerAndSaysWhichTopicIsUnknown() {
    weir.createTopic("t", 3);
    MetadataResponse answer =
        weir.ask(
            "metadata",
            MetadataRequest.newBuilder().addTopics("t").addTopics("nope").build(),
            MetadataResponse.parser());
    assertThat(answer.getBrokers(0).getHost()).isEqualTo("127.0.0.1");
    assertThat(answer.getBrokers(0).getPort())
        .isEqualTo(broker.server().rsocketAddress().getPort());
    assertThat(answer.getTopics(0).getPartitionsCount()).isEqualTo(3);
    assertThat(answer.getTopics(1).getError()).isEqualTo(ErrorCode.UNKNOWN_TOPIC.number());
    assertThat(answer.getTopics(1).getErrorMessage()).contains("'nope'");
  }

  @Test
  void aSmallConnectionBudgetSlowsAProducerAndFailsNothing() {
    restart(Map.of("connection.inbound.bytes", "4194304"));
    ByteString topic = weir.createTopic("t", 1);
    String value = "x".repeat(500_000);
    List<ProduceResult> results =
        weir.produceAll(
                Flux.range(0, 60).map(i -> LibraryLevel.batch(topic, 0, i, Batches.of(value))))
            .collectList()
            .block(Duration.ofSeconds(60));
    assertThat(results).hasSize(60).allMatch(result -> result.getError() == 0);
  }

  @Test
  void recordsDuplicatesAndEpochsSurviveARestart() {
    ByteString topic = weir.createTopic("t", 1);
    long producer = newProducer();
    weir.produce(topic, Batches.of(producer, 0, "a", "b"));
    weir.produce(topic, Batches.of(producer, 2, "c"));
    restart(Map.of());

    ProduceResult again = weir.produce(topic, Batches.of(producer, 0, "a", "b"));
    assertThat(again.getDuplicate()).isTrue();
    assertThat(again.getBaseOffset()).isZero();
    assertThat(weir.produce(topic, Batches.of(producer, 3, "d")).getBaseOffset()).isEqualTo(3);
    assertThat(weir.produce(topic, Batches.of(producer, 9, "gap")).getError())
        .isEqualTo(ErrorCode.OUT_OF_ORDER_SEQUENCE.number());
    List<LibraryLevel.Frame> frames =
        weir.fetch(topic, 0)
            .takeUntil(f -> f.header().getNextOffset() == 4)
            .collectList()
            .block(SOON);
    assertThat(frames.stream().flatMap(frame -> frame.values().stream()))
        .containsExactly("a", "b", "c", "d");
    assertThat(frames.get(0).header().getLeaderEpoch()).isEqualTo(2);
  }

  @Test
  void producerIdsAreNeverGivenTwice() {
    Set<Long> seen = new HashSet<>();
    for (int start = 0; start < 3; start++) {
      for (int i = 0; i < 5; i++) {
        assertThat(seen.add(newProducer())).isTrue();
      }
      restart(Map.of());
    }
    List<Long> many =
        Flux.range(0, 2_500)
            .flatMap(
                i ->
                    client
                        .rsocket()
                        .requestResponse(PlainClient.data("producer.init", new byte[0])),
                64)
            .map(payload -> LibraryLevel.parse(ProducerInitResponse.parser(), payload))
            .map(ProducerInitResponse::getProducerId)
            .collectList()
            .block(SOON);
    assertThat(many).doesNotHaveDuplicates().doesNotContainAnyElementsOf(seen);
  }

  private long newProducer() {
    return weir.ask(
            "producer.init",
            ProducerInitRequest.getDefaultInstance(),
            ProducerInitResponse.parser())
        .getProducerId();
  }

  private long offset(ListOffsetsRequest.Builder request) {
    return weir.ask("offsets.list", request.build(), ListOffsetsResponse.parser()).getOffset();
  }

  private void deleteTopic(String name) {
    weir.ask(
        "admin.topics.delete",
        DeleteTopicRequest.newBuilder().setName(name).build(),
        DeleteTopicResponse.parser());
  }

  private static void assertError(ThrowingCallable call, ErrorCode code, String words) {
    assertThatThrownBy(call)
        .isInstanceOf(CustomRSocketException.class)
        .hasMessageContaining(words)
        .satisfies(
            e ->
                assertThat(((CustomRSocketException) e).errorCode())
                    .isEqualTo(ErrorCode.WIRE_BASE + code.number()));
  }
}
