package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.record.Compression;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.RecordHeader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

@Timeout(60)
class WeirProducerTest {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private FakeBroker broker;
  private WeirClient client;

  @BeforeEach
  void start() {
    broker = FakeBroker.start().withTopic("t", 1).withTopic("many", 4);
    client = WeirClient.create(ClientSettings.of(broker.address()));
  }

  @AfterEach
  void stop() {
    client.close().block(DEADLINE);
    broker.close();
  }

  @Test
  void sendsEveryRecordInOrderWithItsOffsetAndCorrelation() {
    List<SendResult<Integer>> results = sendAll(producer(settings()), numbers(10_000));

    assertThat(results).hasSize(10_000);
    for (int i = 0; i < results.size(); i++) {
      assertThat(results.get(i)).isEqualTo(new SendResult<>("t", 0, i, i, null));
    }
    assertThat(broker.values("t", 0)).isEqualTo(texts(10_000));
  }

  @Test
  void collectsRecordsIntoBatches() {
    sendAll(producer(settings()), numbers(50_000));

    assertThat(broker.batches("t", 0).size()).isLessThan(200);
  }

  @ParameterizedTest
  @EnumSource
  void sendsWithEveryCodec(Compression compression) {
    sendAll(producer(settings().withCompression(compression)), numbers(5_000));

    assertThat(broker.values("t", 0)).isEqualTo(texts(5_000));
    assertThat(broker.batches("t", 0)).anyMatch(batch -> batch.compression() == compression);
  }

  @ParameterizedTest
  @EnumSource
  void sendsWithEveryKindOfAcknowledgement(Acks acks) {
    List<SendResult<Integer>> results =
        sendAll(producer(settings().withAcks(acks)), numbers(5_000));

    assertThat(results).hasSize(5_000).noneMatch(SendResult::isError);
    await().untilAsserted(() -> assertThat(broker.values("t", 0)).isEqualTo(texts(5_000)));
    if (acks == Acks.NONE) {
      assertThat(results).allMatch(result -> result.offset() == SendResult.UNKNOWN_OFFSET);
    }
  }

  @Test
  void keepsNullsHeadersAndTimestamps() {
    ProducerRecord<String, String, Integer> record =
        ProducerRecord.<String, String, Integer>of("t", null, null)
            .withTimestamp(42)
            .withHeaders(
                List.of(new RecordHeader("h", new byte[] {1}), new RecordHeader("h", null)));

    sendAll(producer(settings()), Flux.just(record));

    ConsumerRecord<String, String> read =
        client
            .consumer(ConsumerSettings.of(Serializers.toStrings(), Serializers.toStrings()))
            .receive(Assignment.topic("t", StartingPosition.earliest()))
            .blockFirst(DEADLINE);
    assertThat(read.key()).isNull();
    assertThat(read.value()).isNull();
    assertThat(read.timestamp()).isEqualTo(42);
    assertThat(read.headers()).extracting(RecordHeader::key).containsExactly("h", "h");
    assertThat(read.headers().get(0).value()).containsExactly(1);
    assertThat(read.headers().get(1).value()).isNull();
  }

  @Test
  void equalKeysGoToThePartitionKafkaChooses() {
    sendAll(
        producer(settings()),
        Flux.just("21", "foobar", "a-little-bit-long-string", "abc")
            .map(key -> ProducerRecord.of("many", key, "v", 0)));

    // murmur2 of each key as Kafka's tests have it; sign bit cleared, modulo 4
    assertThat(broker.keysIn("many", (-973932308 & 0x7fffffff) % 4)).contains("21");
    assertThat(broker.keysIn("many", (-790332482 & 0x7fffffff) % 4)).contains("foobar");
    assertThat(broker.keysIn("many", (-985981536 & 0x7fffffff) % 4))
        .contains("a-little-bit-long-string");
    assertThat(broker.keysIn("many", (479470107 & 0x7fffffff) % 4)).contains("abc");
  }

  @Test
  void recordsWithoutKeysAreSpreadEvenlyInWholeBatches() {
    sendAll(
        producer(settings().withBatchBytes(4 << 10)),
        Flux.range(0, 40_000).map(i -> ProducerRecord.of("many", null, "v" + i, i)));

    for (int partition = 0; partition < 4; partition++) {
      assertThat(broker.values("many", partition).size()).isBetween(8_500, 11_500);
    }
  }

  @Test
  void anExplicitPartitionIsKept() {
    List<SendResult<Integer>> results =
        sendAll(
            producer(settings()),
            Flux.range(0, 100)
                .map(
                    i ->
                        ProducerRecord.<String, String, Integer>of("many", "key", "v" + i, i)
                            .withPartition(i % 4)));

    assertThat(results).allMatch(result -> result.partition() == result.correlation() % 4);
  }

  @Test
  void anErrorOfOneRecordLeavesTheOthersAlone() {
    ProducerSettings<String, String> small = settings().withMaxRecordBytes(1000);

    List<SendResult<Integer>> results =
        sendAll(
            producer(small),
            Flux.just(
                ProducerRecord.of("t", null, "fits", 0),
                ProducerRecord.of("t", null, "x".repeat(1001), 1),
                ProducerRecord.<String, String, Integer>of("t", null, "v", 2).withPartition(7),
                ProducerRecord.of("nowhere", null, "v", 3),
                ProducerRecord.of("t", null, "fits too", 4)));

    assertThat(results).hasSize(5);
    assertError(results, 1, ErrorCode.RECORD_TOO_LARGE, "1001", "1000");
    assertError(results, 2, ErrorCode.UNKNOWN_PARTITION, "7", "'t'");
    assertError(results, 3, ErrorCode.UNKNOWN_TOPIC, "nowhere");
    assertThat(broker.values("t", 0)).containsExactly("fits", "fits too");
  }

  @Test
  @SuppressWarnings("NullAway") // what callers without a null checker may do
  void aHeaderWithoutKeyFailsItsRecordAlone() {
    Flux<ProducerRecord<String, String, Integer>> records =
        numbers(3)
            .map(
                record ->
                    record.correlation() == 1
                        ? record.withHeaders(List.of(new RecordHeader(null, new byte[1])))
                        : record);

    List<SendResult<Integer>> results = sendAll(producer(settings()), records);

    assertError(results, 1, ErrorCode.INVALID_REQUEST, "a header has no key");
    assertThat(broker.values("t", 0)).containsExactly("v0", "v2");
  }

  @Test
  void aSerializerThatThrowsFailsItsRecordAlone() {
    Serializer<String> picky =
        (topic, value) -> {
          if (value.equals("v3")) {
            throw new IllegalStateException("not this one");
          }
          return Serializers.string().serialize(topic, value);
        };
    WeirProducer<String, String> producer =
        client.producer(ProducerSettings.of(Serializers.string(), picky));

    List<SendResult<Integer>> results = sendAll(producer, numbers(5));

    assertError(results, 3, ErrorCode.INVALID_REQUEST, "not this one");
    assertThat(broker.values("t", 0)).containsExactly("v0", "v1", "v2", "v4");
  }

  @Test
  void stopsAtTheFirstErrorWhenToldTo() {
    WeirProducer<String, String> producer =
        producer(settings().withMaxRecordBytes(3).withStopOnError(true));

    StepVerifier.create(producer.send(numbers(1_000_000)))
        .thenConsumeWhile(result -> !result.isError())
        .expectErrorSatisfies(
            error ->
                assertThat(((WeirException) error).code()).isEqualTo(ErrorCode.RECORD_TOO_LARGE))
        .verify(DEADLINE);
  }

  @Test
  void aPublishersErrorComesAfterTheResultsOfItsRecords() {
    StepVerifier.create(
            producer(settings())
                .send(numbers(100).concatWith(Mono.error(new IllegalStateException("source")))))
        .expectNextCount(100)
        .expectErrorMessage("source")
        .verify(DEADLINE);
  }

  @Test
  void anEmptyPublisherCompletes() {
    StepVerifier.create(
            producer(settings()).send(Flux.<ProducerRecord<String, String, Integer>>empty()))
        .expectComplete()
        .verify(DEADLINE);
  }

  @Test
  void asksThePublisherForNothingBeforeResultsAreAskedFor() {
    TestPublisher<ProducerRecord<String, String, Integer>> source = TestPublisher.create();

    StepVerifier.create(producer(settings()).send(source), 0)
        .expectSubscription()
        .then(() -> source.assertWasNotRequested())
        .thenRequest(1)
        .then(source::assertWasRequested)
        .then(source::complete)
        .expectComplete()
        .verify(DEADLINE);
  }

  @Test
  void resultsComeOnlyAsFarAsTheyAreAskedFor() {
    StepVerifier.create(producer(settings()).send(numbers(100)).map(SendResult::correlation), 0)
        .thenRequest(7)
        .expectNextSequence(IntStream.range(0, 7).boxed().toList())
        .then(() -> await().until(() -> broker.values("t", 0).size() == 100))
        .thenRequest(93)
        .expectNextSequence(IntStream.range(7, 100).boxed().toList())
        .expectComplete()
        .verify(DEADLINE);
  }

  @Test
  void asksNoMoreOfThePublisherWhileTheBrokerDoesNotAnswer() {
    broker.withScript((partition, batch) -> new Fault.Swallow());
    int bound = 4 << 20;
    BatchingProducer<String, String> producer =
        (BatchingProducer<String, String>)
            producer(settings().withBufferBytes(bound).withMaxRecordBytes(1 << 20));
    AtomicInteger taken = new AtomicInteger();
    AtomicLong largest = new AtomicLong();

    StepVerifier.create(
            producer.send(
                Flux.range(0, 1_000_000)
                    .map(i -> record("x".repeat(10_000), i))
                    .doOnNext(
                        record -> {
                          taken.incrementAndGet();
                          largest.accumulateAndGet(producer.bufferedBytes(), Math::max);
                        })))
        .expectSubscription()
        .then(() -> await().until(() -> producer.bufferedBytes() > 2 << 20))
        .then(() -> await().during(Duration.ofMillis(300)).until(() -> taken.get() < 500))
        .thenCancel()
        .verify(DEADLINE);
    assertThat(largest.get()).isLessThanOrEqualTo(bound);
    broker.withScript((partition, batch) -> Fault.NONE);
    broker.dropConnections();
  }

  @Test
  void asksNoMoreOfThePublisherWhileNobodyTakesResults() {
    BatchingProducer<String, String> producer =
        (BatchingProducer<String, String>) producer(settings().withBufferBytes(2 << 20));
    AtomicInteger taken = new AtomicInteger();

    StepVerifier.create(
            producer.send(
                Flux.range(0, 10_000_000)
                    .map(i -> record("v", i))
                    .doOnNext(record -> taken.incrementAndGet())),
            0)
        .thenRequest(1)
        .expectNextCount(1)
        .then(
            () ->
                await()
                    .during(Duration.ofMillis(300))
                    .atMost(DEADLINE)
                    .until(() -> producer.bufferedBytes() <= 2 << 20 && taken.get() < 100_000))
        .thenCancel()
        .verify(DEADLINE);
    await().until(() -> producer.bufferedBytes() == 0);
  }

  @Test
  void asksNoMoreOfThePublisherWhileTheSocketTakesNothing() {
    CountDownLatch reading = new CountDownLatch(1);
    broker.withScript(
        (partition, batch) -> {
          awaitUninterrupted(reading);
          return Fault.NONE;
        });
    BatchingProducer<String, String> producer =
        (BatchingProducer<String, String>)
            producer(settings().withAcks(Acks.NONE).withBufferBytes(4 << 20));
    AtomicInteger taken = new AtomicInteger();

    StepVerifier.create(
            producer.send(
                Flux.range(0, 1_000_000)
                    .map(i -> record("x".repeat(10_000), i))
                    .doOnNext(record -> taken.incrementAndGet())))
        .thenConsumeWhile(result -> producer.bufferedBytes() < 2 << 20)
        .thenCancel()
        .verify(DEADLINE);

    assertThat(taken.get()).isLessThan(5_000); // sockets hold some megabytes, not ten gigabytes
    reading.countDown();
    await().until(() -> producer.bufferedBytes() == 0);
  }

  @Test
  void givesAllMemoryBack() {
    BatchingProducer<String, String> producer =
        (BatchingProducer<String, String>)
            producer(settings().withCompression(Compression.LZ4).withMaxRecordBytes(5));

    sendAll(producer, numbers(100_000)); // those from v10000 on are too large

    await().until(() -> producer.bufferedBytes() == 0);
  }

  @Test
  void manySendsAtOnceShareBatches() {
    WeirProducer<String, String> producer = producer(settings());

    List<SendResult<Integer>> results =
        Flux.range(0, 2_000)
            .flatMap(i -> producer.send(Mono.just(ProducerRecord.of("t", null, "v" + i, i))), 500)
            .collectList()
            .block(DEADLINE);

    assertThat(results).hasSize(2_000).noneMatch(SendResult::isError);
    assertThat(broker.values("t", 0)).containsExactlyInAnyOrderElementsOf(texts(2_000));
    assertThat(broker.batches("t", 0).size()).isLessThan(1_000);
    List<Long> offsets = new ArrayList<>(results.stream().map(SendResult::offset).toList());
    Collections.sort(offsets);
    assertThat(offsets).isEqualTo(IntStream.range(0, 2_000).mapToObj(i -> (long) i).toList());
  }

  @Test
  void neverSendsMoreThanTheBrokersCredit() {
    broker.withCredit(1);

    sendAll(producer(settings().withBatchBytes(1024)), numbers(20_000));

    assertThat(broker.values("t", 0)).isEqualTo(texts(20_000));
  }

  @Test
  void numbersItsBatchesWithoutAGap() {
    sendAll(producer(settings()), numbers(20_000));

    int expected = 0;
    for (RecordBatch batch : broker.batches("t", 0)) {
      assertThat(batch.hasProducerId()).isTrue();
      assertThat(batch.baseSequence()).isEqualTo(expected);
      expected += batch.recordCount();
    }
  }

  @Test
  void aClientThatNeverConnectedFailsSoonAndNamesTheServer() {
    broker.pause();
    WeirClient lost =
        WeirClient.create(
            ClientSettings.of(broker.address()).withConnectTimeout(Duration.ofMillis(500)));
    WeirProducer<String, String> producer = lost.producer(settings());

    StepVerifier.create(producer.send(numbers(10)))
        .expectErrorSatisfies(
            error -> {
              assertThat(((WeirException) error).code()).isEqualTo(ErrorCode.BROKER_UNAVAILABLE);
              assertThat(error).hasMessageContaining(broker.address());
            })
        .verify(Duration.ofSeconds(5));
    lost.close().block(DEADLINE);
  }

  @Test
  void closingWaitsForWhatWasTaken() {
    WeirProducer<String, String> producer = producer(settings());
    AtomicInteger results = new AtomicInteger();
    TestPublisher<ProducerRecord<String, String, Integer>> source = TestPublisher.create();
    producer.send(source).subscribe(result -> results.incrementAndGet(), error -> {});
    for (int i = 0; i < 5; i++) {
      source.next(ProducerRecord.of("t", null, "v" + i, i));
    }
    await().until(() -> broker.values("t", 0).size() + results.get() > 0);

    producer.close().block(DEADLINE);

    assertThat(broker.values("t", 0)).isEqualTo(texts(5));
    StepVerifier.create(producer.send(numbers(1)))
        .expectErrorSatisfies(
            error -> assertThat(((WeirException) error).code()).isEqualTo(ErrorCode.CLOSED))
        .verify(DEADLINE);
  }

  private WeirProducer<String, String> producer(ProducerSettings<String, String> settings) {
    return client.producer(settings);
  }

  private static ProducerSettings<String, String> settings() {
    return ProducerSettings.of(Serializers.string(), Serializers.string());
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static List<SendResult<Integer>> sendAll(
      WeirProducer<String, String> producer,
      Flux<ProducerRecord<String, String, Integer>> records) {
    return producer.send(records).collectList().block(DEADLINE);
  }

  private static void assertError(
      List<SendResult<Integer>> results, int correlation, ErrorCode code, String... words) {
    SendResult<Integer> result =
        results.stream()
            .filter(each -> each.correlation() == correlation)
            .findFirst()
            .orElseThrow();
    assertThat(result.error()).isNotNull();
    assertThat(result.error().code()).isEqualTo(code);
    assertThat(result.error()).hasMessageContainingAll(words);
  }

  private static ProducerRecord<String, String, Integer> record(String value, int correlation) {
    return ProducerRecord.of("t", null, value, correlation);
  }

  private static Flux<ProducerRecord<String, String, Integer>> numbers(int count) {
    return Flux.range(0, count).map(i -> ProducerRecord.of("t", null, "v" + i, i));
  }

  private static List<String> texts(int count) {
    return IntStream.range(0, count).mapToObj(i -> "v" + i).toList();
  }
}
