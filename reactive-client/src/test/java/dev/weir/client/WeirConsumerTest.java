package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.FetchEvent;
import dev.weir.core.record.Compression;
import dev.weir.core.record.RecordBatchBuilder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

@Timeout(60)
class WeirConsumerTest {
  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final int PER_BATCH = 10;

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
  void readsToTheEndAndCompletes() {
    fill("t", 0, 1000);

    List<ConsumerRecord<String, String>> records =
        receive(Assignment.topic("t", StartingPosition.earliest()).toEnd())
            .collectList()
            .block(DEADLINE);

    assertThat(records).extracting(ConsumerRecord::value).isEqualTo(texts(0, 1000));
    assertThat(records).extracting(ConsumerRecord::offset).isEqualTo(offsets(0, 1000));
  }

  @Test
  void beginsInTheMiddleOfABatch() {
    fill("t", 0, 100);

    StepVerifier.create(values(Assignment.topic("t", StartingPosition.offset(57)).toEnd()))
        .expectNextSequence(texts(57, 100))
        .expectComplete()
        .verify(DEADLINE);
  }

  @Test
  void beginsAtATime() {
    fill("t", 0, 100); // a record's timestamp is its number

    StepVerifier.create(
            values(
                Assignment.topic("t", StartingPosition.timestamp(Instant.ofEpochMilli(73)))
                    .toEnd()))
        .expectNextSequence(texts(73, 100))
        .expectComplete()
        .verify(DEADLINE);
  }

  @Test
  void latestDeliversOnlyWhatArrivesLater() {
    fill("t", 0, 100);

    StepVerifier.create(values(Assignment.topic("t", StartingPosition.latest())))
        .then(() -> await().until(() -> !broker.fetches().isEmpty()))
        .then(() -> fill("t", 0, 5))
        .expectNextSequence(texts(0, 5))
        .thenCancel()
        .verify(DEADLINE);
  }

  @Test
  void anEmptyTopicIsAtItsEnd() {
    StepVerifier.create(values(Assignment.topic("t", StartingPosition.earliest()).toEnd()))
        .expectComplete()
        .verify(DEADLINE);
  }

  @Test
  void mergesPartitionsKeepingTheOrderOfEach() {
    for (int partition = 0; partition < 4; partition++) {
      fill("many", partition, 500);
    }

    List<ConsumerRecord<String, String>> records =
        receive(Assignment.topic("many", StartingPosition.earliest()).toEnd())
            .collectList()
            .block(DEADLINE);

    assertThat(records).hasSize(2000);
    for (int partition = 0; partition < 4; partition++) {
      int wanted = partition;
      assertThat(records)
          .filteredOn(record -> record.partition() == wanted)
          .extracting(ConsumerRecord::value)
          .isEqualTo(texts(0, 500));
    }
  }

  @Test
  void readsOnlyThePartitionsItIsGiven() {
    for (int partition = 0; partition < 4; partition++) {
      fill("many", partition, 20);
    }

    List<ConsumerRecord<String, String>> records =
        receive(
                Assignment.partition("many", 1, StartingPosition.earliest())
                    .and(3, StartingPosition.offset(15))
                    .toEnd())
            .collectList()
            .block(DEADLINE);

    assertThat(records).filteredOn(record -> record.partition() == 1).hasSize(20);
    assertThat(records).filteredOn(record -> record.partition() == 3).hasSize(5);
    assertThat(records).hasSize(25);
  }

  @Test
  void asksTheBrokerForNothingBeforeItIsAsked() {
    fill("t", 0, 1000);

    StepVerifier.create(values(Assignment.topic("t", StartingPosition.earliest())), 0)
        .expectSubscription()
        .then(() -> assertThat(broker.connectionCount()).isZero())
        .thenRequest(3)
        .expectNext("v0", "v1", "v2")
        .then(() -> await().until(() -> framesRequested() == 4))
        .thenCancel()
        .verify(DEADLINE);
  }

  @Test
  void fetchesAtMostAWindowBeyondWhatItsSubscriberTook() {
    fill("t", 0, 1000); // 100 batches, a frame each
    ConsumerSettings<String, String> narrow = settings().withFrameBytes(1).withWindowFrames(3);

    StepVerifier.create(
            client
                .consumer(narrow)
                .receive(Assignment.topic("t", StartingPosition.earliest()))
                .map(ConsumerRecord::value),
            0)
        .thenRequest(PER_BATCH)
        .expectNextSequence(texts(0, PER_BATCH))
        .then(() -> await().until(() -> framesSent() == 3))
        .thenRequest(1)
        .expectNext("v10")
        .then(() -> await().until(() -> framesSent() == 4))
        .thenRequest(2 * PER_BATCH)
        .expectNextSequence(texts(11, 31))
        .then(() -> await().until(() -> framesSent() == 6))
        .thenCancel()
        .verify(DEADLINE);
    assertThat(framesRequested()).isEqualTo(6);
  }

  @Test
  void goesOnAfterTheConnectionBreaks() {
    fill("t", 0, 1000);

    StepVerifier.create(values(Assignment.topic("t", StartingPosition.earliest()).toEnd()), 0)
        .thenRequest(105)
        .expectNextSequence(texts(0, 105))
        .then(broker::dropConnections)
        .thenRequest(1000)
        .expectNextSequence(texts(105, 1000))
        .expectComplete()
        .verify(DEADLINE);
  }

  @Test
  void goesOnAfterTheBrokerRestarts() {
    fill("t", 0, 100);

    StepVerifier.create(values(Assignment.topic("t", StartingPosition.earliest())))
        .expectNextSequence(texts(0, 100))
        .then(broker::pause)
        .then(broker::resume)
        .then(() -> fill("t", 0, 50))
        .expectNextSequence(texts(0, 50))
        .thenCancel()
        .verify(DEADLINE);
  }

  @Test
  void aRotatedStreamGoesOnUnseen() {
    fill("t", 0, 100);

    StepVerifier.create(values(Assignment.topic("t", StartingPosition.earliest())))
        .expectNextSequence(texts(0, 100))
        .then(() -> broker.fetches().get(0).endWith(FetchEvent.FETCH_ROTATE))
        .then(() -> fill("t", 0, 50))
        .expectNextSequence(texts(0, 50))
        .thenCancel()
        .verify(DEADLINE);
  }

  @Test
  void aStreamThatEndsWithoutAReasonIsOpenedAgain() {
    fill("t", 0, 100);

    StepVerifier.create(values(Assignment.topic("t", StartingPosition.earliest())))
        .expectNextSequence(texts(0, 100))
        .then(() -> broker.fetches().get(0).endSilently())
        .then(() -> fill("t", 0, 50))
        .expectNextSequence(texts(0, 50))
        .thenCancel()
        .verify(DEADLINE);
  }

  @Test
  void endsWithUnknownTopicWhenItIsDeleted() {
    fill("t", 0, 10);

    StepVerifier.create(values(Assignment.topic("t", StartingPosition.earliest())))
        .expectNextSequence(texts(0, 10))
        .then(
            () -> {
              broker.deleteTopic("t");
              broker.fetches().get(0).endWith(FetchEvent.FETCH_DELETED);
            })
        .expectErrorSatisfies(error -> assertCode(error, ErrorCode.UNKNOWN_TOPIC))
        .verify(DEADLINE);
  }

  @Test
  void aTopicThatIsNotThereIsAnErrorThatNamesIt() {
    StepVerifier.create(values(Assignment.topic("nowhere", StartingPosition.earliest())))
        .expectErrorSatisfies(
            error -> {
              assertCode(error, ErrorCode.UNKNOWN_TOPIC);
              assertThat(error).hasMessageContaining("nowhere");
            })
        .verify(DEADLINE);
  }

  @Test
  void aPartitionThatIsNotThereIsAnErrorThatNamesThoseThatAre() {
    StepVerifier.create(values(Assignment.partition("many", 9, StartingPosition.earliest())))
        .expectErrorSatisfies(
            error -> {
              assertCode(error, ErrorCode.UNKNOWN_PARTITION);
              assertThat(error).hasMessageContaining("9").hasMessageContaining("0 to 3");
            })
        .verify(DEADLINE);
  }

  @Test
  void anOffsetThatIsGoneEndsTheSubscription() {
    fill("t", 0, 100);
    broker.log("t", 0).deleteBefore(50);

    StepVerifier.create(values(Assignment.topic("t", StartingPosition.offset(10))))
        .expectErrorSatisfies(error -> assertCode(error, ErrorCode.OFFSET_OUT_OF_RANGE))
        .verify(DEADLINE);
  }

  @Test
  void anOffsetThatIsGoneMayMeanTheFirstThatIsThere() {
    fill("t", 0, 100);
    broker.log("t", 0).deleteBefore(50);
    ConsumerSettings<String, String> tolerant =
        settings().withOutOfRange(OutOfRangePolicy.EARLIEST);

    StepVerifier.create(
            client
                .consumer(tolerant)
                .receive(Assignment.topic("t", StartingPosition.offset(10)).toEnd())
                .map(ConsumerRecord::value))
        .expectNextSequence(texts(50, 100))
        .expectComplete()
        .verify(DEADLINE);
  }

  @Test
  void aDamagedBatchEndsTheSubscriptionAndNamesItsPlace() {
    fill("t", 0, 20);
    broker.damage("t", 0, 1);

    StepVerifier.create(values(Assignment.topic("t", StartingPosition.earliest())))
        .expectNextSequence(texts(0, 10))
        .expectErrorSatisfies(
            error -> {
              assertCode(error, ErrorCode.CORRUPT_BATCH);
              assertThat(error).hasMessageContaining("t-0").hasMessageContaining("10");
            })
        .verify(DEADLINE);
  }

  @Test
  void cancellingEndsTheFetchAtTheBroker() {
    fill("t", 0, 1000);

    StepVerifier.create(values(Assignment.topic("t", StartingPosition.earliest())))
        .expectNextCount(15)
        .thenCancel()
        .verify(DEADLINE);

    await().until(() -> broker.fetches().stream().allMatch(FakeFetch::isOver));
  }

  @Test
  void closingTheClientEndsSubscriptions() {
    fill("t", 0, 10);

    StepVerifier.create(values(Assignment.topic("t", StartingPosition.earliest())))
        .expectNextCount(10)
        .then(() -> client.close().block(DEADLINE))
        .expectErrorSatisfies(error -> assertCode(error, ErrorCode.CLOSED))
        .verify(DEADLINE);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void everyRecordComesOnceAndInOrderWhateverFails(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int partition = 0; partition < 4; partition++) {
      fill("many", partition, 3_000);
    }
    AtomicInteger untilFault = new AtomicInteger(1 + random.nextInt(1_500));
    ConsumerSettings<String, String> small =
        settings()
            .withFrameBytes(1 + random.nextInt(4_000))
            .withWindowFrames(1 + random.nextInt(5));

    List<ConsumerRecord<String, String>> records =
        client
            .consumer(small)
            .receive(Assignment.topic("many", StartingPosition.earliest()).toEnd())
            .limitRate(1 + random.nextInt(500))
            .doOnNext(
                record -> {
                  if (untilFault.decrementAndGet() == 0) {
                    untilFault.set(1 + random.nextInt(3_000));
                    breakSomething(random);
                  }
                })
            .collectList()
            .block(DEADLINE);

    assertThat(records).as("seed %d", seed).hasSize(4 * 3_000);
    for (int partition = 0; partition < 4; partition++) {
      int wanted = partition;
      assertThat(records)
          .as("seed %d, partition %d", seed, partition)
          .filteredOn(record -> record.partition() == wanted)
          .extracting(ConsumerRecord::offset)
          .containsExactlyElementsOf(offsets(0, 3_000));
    }
  }

  private void breakSomething(SplittableRandom random) {
    List<FakeFetch> open = broker.fetches().stream().filter(fetch -> !fetch.isOver()).toList();
    int choice = random.nextInt(4);
    if (choice == 0 || open.isEmpty()) {
      broker.dropConnections();
    } else if (choice == 1) {
      open.get(random.nextInt(open.size())).endWith(FetchEvent.FETCH_MOVED);
    } else if (choice == 2) {
      open.get(random.nextInt(open.size())).endWith(FetchEvent.FETCH_ROTATE);
    } else {
      open.get(random.nextInt(open.size())).endSilently();
    }
  }

  @Test
  void batchesComeAsTheyLieInTheLog() {
    fill("t", 0, 100);

    StepVerifier.create(
            client
                .consumer(settings())
                .receiveBatches(Assignment.topic("t", StartingPosition.offset(42)).toEnd())
                .map(batch -> batch.batch().baseOffset()))
        .expectNext(40L, 50L, 60L, 70L, 80L, 90L)
        .expectComplete()
        .verify(DEADLINE);
  }

  private void fill(String topic, int partition, int records) {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 1 << 20);
    for (int i = 0; i < records; i++) {
      builder.append(i, null, ("v" + i).getBytes(StandardCharsets.UTF_8), List.of());
      if (builder.recordCount() == PER_BATCH || i == records - 1) {
        broker.append(topic, partition, builder.build());
      }
    }
  }

  private Flux<ConsumerRecord<String, String>> receive(Assignment assignment) {
    return client.consumer(settings()).receive(assignment);
  }

  private Flux<String> values(Assignment assignment) {
    return receive(assignment).map(ConsumerRecord::value);
  }

  private static ConsumerSettings<String, String> settings() {
    return ConsumerSettings.of(Serializers.toStrings(), Serializers.toStrings());
  }

  private long framesRequested() {
    return broker.fetches().stream().mapToLong(FakeFetch::framesRequested).sum();
  }

  private long framesSent() {
    return broker.fetches().stream().mapToLong(FakeFetch::framesSent).sum();
  }

  private static void assertCode(Throwable error, ErrorCode code) {
    assertThat(error).isInstanceOf(WeirException.class);
    assertThat(((WeirException) error).code()).isEqualTo(code);
  }

  private static List<String> texts(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "v" + i).toList();
  }

  private static List<Long> offsets(int from, int to) {
    List<Long> offsets = new ArrayList<>();
    for (long i = from; i < to; i++) {
      offsets.add(i);
    }
    return offsets;
  }
}
