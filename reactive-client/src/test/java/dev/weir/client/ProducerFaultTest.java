package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.protocol.ThrottleCause;
import dev.weir.core.record.RecordBatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

/** What the producer does when brokers and connections fail. */
@Timeout(90)
class ProducerFaultTest {
  private static final Duration DEADLINE = Duration.ofSeconds(40);
  private static final int RECORDS = 5_000;

  private FakeBroker broker;
  private WeirClient client;

  @BeforeEach
  void start() {
    broker = FakeBroker.start().withTopic("t", 1).withTopic("many", 3);
    client = clientWith(settingsOf(broker));
  }

  @AfterEach
  void stop() {
    broker.withScript((partition, batch) -> Fault.NONE);
    client.close().block(DEADLINE);
    broker.close();
  }

  @Test
  void storesOnceWhatWasLostBeforeTheAppend() {
    broker.withScript(every(7, new Fault.DropBefore()));

    sendsAllExactlyOnce();
  }

  @Test
  void storesOnceWhatWasAppendedButNotAcknowledged() {
    broker.withScript(every(7, new Fault.DropAfter()));

    sendsAllExactlyOnce();
  }

  @Test
  void repeatsInOrderWhatTheBrokerRefusedForNow() {
    broker.withScript(every(7, new Fault.Refuse(ErrorCode.NOT_LEADER)));

    sendsAllExactlyOnce();
  }

  @Test
  void bearsAcknowledgementsThatComeTwice() {
    broker.withScript(every(2, new Fault.AnswerTwice()));

    sendsAllExactlyOnce();
  }

  @Test
  void bearsAcknowledgementsOutOfOrder() {
    broker.withScript(every(2, new Fault.Delay(Duration.ofMillis(5))));

    sendsAllExactlyOnce();
  }

  @Test
  void givesUpAConnectionThatDoesNotAnswer() {
    restartClient(settingsOf(broker).withRequestTimeout(Duration.ofMillis(300)));
    AtomicInteger batches = new AtomicInteger();
    broker.withScript(
        (partition, batch) -> batches.incrementAndGet() == 3 ? new Fault.NoAnswer() : Fault.NONE);

    sendsAllExactlyOnce();

    assertThat(broker.produceChannels()).isGreaterThan(1);
  }

  @Test
  void goesOnWithoutAPauseWhenTheBrokerEndsItsChannels() {
    broker.withBatchesPerChannel(1);
    WeirProducer<String, String> producer = producer();

    List<SendResult<Integer>> results =
        Flux.range(0, 300)
            .concatMap(i -> producer.send(Flux.just(ProducerRecord.of("t", null, "v" + i, i))), 1)
            .collectList()
            .block(Duration.ofSeconds(15)); // with a pause each it would take 22 s at least

    assertThat(results).hasSize(300).noneMatch(SendResult::isError);
    assertThat(broker.values("t", 0)).isEqualTo(texts(300));
    assertThat(broker.produceChannels()).isGreaterThanOrEqualTo(300);
  }

  @Test
  void knowsWhyAndHowMuchTheBrokerHoldsItBack() {
    WeirProducer<String, String> producer = producer();
    assertThat(producer.throttling()).isEqualTo(new Throttling(Throttling.Cause.NONE, -1, 0));

    broker.throttling(ThrottleCause.THROTTLE_FLUSH);
    sendOne(producer);
    assertThat(producer.throttling())
        .isEqualTo(new Throttling(Throttling.Cause.BROKER_FLUSH, 3, 1));

    broker.throttling(ThrottleCause.THROTTLE_NONE);
    sendOne(producer);
    assertThat(producer.throttling()).isEqualTo(new Throttling(Throttling.Cause.NONE, -1, 1));
  }

  private static void sendOne(WeirProducer<String, String> producer) {
    producer
        .send(Flux.just(ProducerRecord.of("t", null, "v", 1)))
        .blockLast(Duration.ofSeconds(15));
  }

  @Test
  void storesOnceWhatChannelsThatEndBringInPieces() {
    broker.withBatchesPerChannel(7);

    sendsAllExactlyOnce();

    assertThat(broker.produceChannels()).isGreaterThan(1);
  }

  @Test
  void givesUpAChannelThatIsGrantedNoMoreCredit() {
    restartClient(settingsOf(broker).withRequestTimeout(Duration.ofMillis(300)));
    broker.stallingAfter(40);

    sendsAllExactlyOnce();

    assertThat(broker.produceChannels()).isGreaterThan(1);
  }

  @Test
  void ridesOutARestart() {
    AtomicInteger results = new AtomicInteger();

    StepVerifier.create(
            producer()
                .send(numbers("t", RECORDS).delayUntil(record -> pauseOnce(record, 2_000)))
                .doOnNext(result -> results.incrementAndGet()))
        .thenConsumeWhile(result -> !result.isError())
        .expectComplete()
        .verify(DEADLINE);

    assertThat(results).hasValue(RECORDS);
    assertThat(broker.values("t", 0)).isEqualTo(texts(RECORDS));
  }

  @Test
  void aBatchRefusedForGoodLeavesNoGapForThoseBehindIt() {
    broker.withScript(every(6, new Fault.Refuse(ErrorCode.BATCH_TOO_LARGE)));

    List<SendResult<Integer>> results = sendAll("t");

    assertThat(results).hasSize(RECORDS);
    assertThat(results)
        .filteredOn(SendResult::isError)
        .isNotEmpty()
        .allMatch(result -> result.error().code() == ErrorCode.BATCH_TOO_LARGE);
    List<String> sent =
        results.stream()
            .filter(result -> !result.isError())
            .map(SendResult::correlation)
            .sorted()
            .map(i -> "v" + i)
            .toList();
    assertThat(broker.values("t", 0)).isEqualTo(sent);
    assertThat(producerIds()).hasSize(1);
  }

  @Test
  void goesOnUnderANewIdWhenTheBrokerForgotTheProducer() {
    WeirProducer<String, String> producer = producer();
    sendAll(producer, numbers("t", 100));
    broker.log("t", 0).forgetProducers();

    List<SendResult<Integer>> results = sendAll(producer, numbers("t", 100));

    assertThat(results).hasSize(100).noneMatch(SendResult::isError);
    assertThat(broker.values("t", 0)).hasSize(200);
    assertThat(producerIds()).hasSize(2);
  }

  @Test
  void goesOnUnderANewIdAfterAnOutcomeStayedUnknown() {
    restartClient(settingsOf(broker).withDeliveryTimeout(Duration.ofMillis(700)));
    AtomicInteger batches = new AtomicInteger();
    broker.withScript(
        (partition, batch) -> batches.incrementAndGet() == 3 ? new Fault.Swallow() : Fault.NONE);
    WeirProducer<String, String> producer = producer();

    List<SendResult<Integer>> results = sendAll(producer, numbers("t", RECORDS));
    List<SendResult<Integer>> later = sendAll(producer, numbers("t", 100));

    assertThat(results).hasSize(RECORDS);
    assertThat(results)
        .filteredOn(SendResult::isError)
        .anyMatch(result -> result.error().code() == ErrorCode.OUTCOME_UNKNOWN)
        .allMatch(
            result ->
                result.error().code() == ErrorCode.OUTCOME_UNKNOWN
                    || !result.error().code().mayHaveBeenApplied());
    assertThat(later).hasSize(100).noneMatch(SendResult::isError);
    List<String> values = broker.values("t", 0);
    List<String> acknowledged =
        results.stream()
            .filter(result -> !result.isError())
            .map(SendResult::correlation)
            .sorted()
            .map(i -> "v" + i)
            .toList();
    assertThat(values.subList(0, values.size() - 100)).isEqualTo(acknowledged);
    assertThat(values.subList(values.size() - 100, values.size())).isEqualTo(texts(100));
    assertThat(producerIds()).hasSize(2);
  }

  @Test
  void whatCouldNotBeSentInTimeIsKnownNotToBeStored() {
    restartClient(settingsOf(broker).withDeliveryTimeout(Duration.ofSeconds(2)));
    WeirProducer<String, String> producer = producer();
    sendAll(producer, numbers("t", 10));
    broker.pause();

    // The first may still have been written to the dying connection.
    assertThat(sendAll(producer, numbers("t", 10))).allMatch(SendResult::isError);
    List<SendResult<Integer>> results = sendAll(producer, numbers("t", 10));
    broker.resume();

    assertThat(results).hasSize(10).allMatch(SendResult::isError);
    assertThat(results)
        .allMatch(result -> result.error().code() == ErrorCode.BROKER_UNAVAILABLE)
        .allMatch(result -> result.error().getMessage().contains("t-0"));
    assertThat(sendAll(producer, numbers("t", 10))).noneMatch(SendResult::isError);
    assertThat(broker.values("t", 0)).hasSize(20);
  }

  @Test
  void aTopicCreatedAnewIsFoundAgain() {
    WeirProducer<String, String> producer = producer();
    sendAll(producer, numbers("t", 10));
    broker.deleteTopic("t");

    assertThat(sendAll(producer, numbers("t", 10)))
        .allMatch(result -> result.error().code() == ErrorCode.UNKNOWN_TOPIC);
    broker.withTopic("t", 1);

    await()
        .untilAsserted(
            () -> assertThat(sendAll(producer, numbers("t", 1))).noneMatch(SendResult::isError));
  }

  @Test
  void cancellingInTheMiddleOfARestartReleasesEverything() {
    BatchingProducer<String, String> producer = (BatchingProducer<String, String>) producer();
    StepVerifier.create(producer.send(numbers("t", 1_000_000)))
        .expectNextCount(1_000)
        .then(broker::pause)
        .thenCancel()
        .verify(DEADLINE);
    broker.resume();

    await().atMost(DEADLINE).until(() -> producer.bufferedBytes() == 0);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void everyRecordIsStoredOnceAndInOrderWhateverFails(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    broker.withCredit(1 + random.nextInt(12));
    broker.withScript(
        (partition, batch) ->
            switch (random.nextInt(40)) {
              case 0 -> new Fault.DropBefore();
              case 1 -> new Fault.DropAfter();
              case 2, 3 -> new Fault.Refuse(ErrorCode.NOT_LEADER);
              case 4 -> new Fault.Refuse(ErrorCode.OVERLOADED);
              case 5, 6 -> new Fault.AnswerTwice();
              case 7, 8, 9 -> new Fault.Delay(Duration.ofMillis(random.nextInt(20)));
              default -> Fault.NONE;
            });
    Flux<ProducerRecord<String, String, Integer>> records =
        numbers("many", 2 * RECORDS).map(record -> record.withPartition(record.correlation() % 3));

    List<SendResult<Integer>> results = sendAll(producer(), records);

    assertThat(results).as("seed %d", seed).hasSize(2 * RECORDS).noneMatch(SendResult::isError);
    for (int partition = 0; partition < 3; partition++) {
      int wanted = partition;
      assertThat(broker.values("many", partition))
          .as("seed %d, partition %d", seed, partition)
          .containsExactlyElementsOf(
              IntStream.range(0, 2 * RECORDS)
                  .filter(i -> i % 3 == wanted)
                  .mapToObj(i -> "v" + i)
                  .toList());
    }
    for (SendResult<Integer> result : results) {
      assertThat(result.offset()).isEqualTo(result.correlation() / 3);
    }
  }

  /** The same with many seeds, and another broker each time. */
  @Test
  @Tag("slow")
  @Timeout(1200)
  void everyRecordIsStoredOnceAndInOrderForManySeeds() {
    for (long seed = 100; seed < 250; seed++) {
      everyRecordIsStoredOnceAndInOrderWhateverFails(seed);
      stop();
      start();
    }
  }

  private void sendsAllExactlyOnce() {
    List<SendResult<Integer>> results = sendAll("t");

    assertThat(results).hasSize(RECORDS).noneMatch(SendResult::isError);
    assertThat(broker.values("t", 0)).isEqualTo(texts(RECORDS));
    for (SendResult<Integer> result : results) {
      assertThat(result.offset()).isEqualTo((long) result.correlation());
    }
  }

  private Flux<Long> pauseOnce(ProducerRecord<String, String, Integer> record, int at) {
    if (record.correlation() != at) {
      return Flux.empty();
    }
    Thread restart =
        new Thread(
            () -> {
              broker.pause();
              broker.resume();
            },
            "weir-test-restart");
    restart.start();
    return Flux.empty();
  }

  private void restartClient(ClientSettings settings) {
    client.close().block(DEADLINE);
    client = clientWith(settings);
  }

  private static WeirClient clientWith(ClientSettings settings) {
    return WeirClient.create(settings);
  }

  private static ClientSettings settingsOf(FakeBroker broker) {
    return ClientSettings.of(broker.address()).withDeliveryTimeout(Duration.ofSeconds(30));
  }

  /** Small batches, so that there are many. */
  private WeirProducer<String, String> producer() {
    return client.producer(
        ProducerSettings.of(Serializers.string(), Serializers.string()).withBatchBytes(1024));
  }

  private List<SendResult<Integer>> sendAll(String topic) {
    return sendAll(producer(), numbers(topic, RECORDS));
  }

  private static List<SendResult<Integer>> sendAll(
      WeirProducer<String, String> producer,
      Flux<ProducerRecord<String, String, Integer>> records) {
    return producer.send(records).collectList().block(DEADLINE);
  }

  private List<Long> producerIds() {
    return new ArrayList<>(
        broker.batches("t", 0).stream().map(RecordBatch::producerId).distinct().toList());
  }

  /** This fault for every n-th batch that arrives, starting with the n-th. */
  private static Fault.Script every(int n, Fault fault) {
    AtomicInteger count = new AtomicInteger();
    return (partition, batch) -> count.incrementAndGet() % n == 0 ? fault : Fault.NONE;
  }

  private static Flux<ProducerRecord<String, String, Integer>> numbers(String topic, int count) {
    return Flux.range(0, count).map(i -> ProducerRecord.of(topic, null, "v" + i, i));
  }

  private static List<String> texts(int count) {
    return IntStream.range(0, count).mapToObj(i -> "v" + i).toList();
  }
}
