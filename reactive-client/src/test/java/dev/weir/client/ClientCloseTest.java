package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.topic.TopicPartition;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Whatever is under way when the client is closed comes to an end. */
@Timeout(60)
class ClientCloseTest {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private FakeBroker broker;
  private WeirClient client;

  @BeforeEach
  void start() {
    broker = FakeBroker.start().withTopic("t", 1);
    client = WeirClient.create(ClientSettings.of(broker.address()));
  }

  @AfterEach
  void stop() {
    client.close().block(DEADLINE);
    broker.close();
  }

  @Test
  void aRequestThatIsRepeatedEndsWithClosed() {
    TopicPartition partition = new TopicPartition("t", 0);
    client.admin().offset(partition, StartingPosition.latest()).block(DEADLINE);
    broker.pause();

    Mono<Long> asked = client.admin().offset(partition, StartingPosition.latest()).cache();
    asked.subscribe(offset -> {}, error -> {});
    client.close().block(DEADLINE);
    broker.resume();

    StepVerifier.create(asked).expectErrorMatches(ClientCloseTest::isClosed).verify(DEADLINE);
  }

  @Test
  void aDelayEndsWithClosed() {
    ClientThreads threads = new ClientThreads();
    Mono<Long> delay = threads.delay(Duration.ofHours(1));

    StepVerifier.create(delay)
        .then(threads::close)
        .expectErrorMatches(ClientCloseTest::isClosed)
        .verify(DEADLINE);
    StepVerifier.create(delay).expectErrorMatches(ClientCloseTest::isClosed).verify(DEADLINE);
  }

  @Test
  void aSendWhoseResultsAreNotAskedForEndsWithClosed() {
    WeirProducer<String, String> producer = client.producer(settings());

    StepVerifier.create(producer.send(records(100)), 10)
        .expectNextCount(10)
        .then(() -> await().until(() -> broker.values("t", 0).size() == 100))
        .then(() -> client.close().block(DEADLINE))
        .expectErrorMatches(ClientCloseTest::isClosed)
        .verify(DEADLINE);
  }

  @Test
  void aSendThatIsOverIsNotRemembered() {
    ClientThreads threads = new ClientThreads();
    boolean[] ran = new boolean[2];
    Runnable forgotten = () -> ran[0] = true;
    threads.beforeStop(threads.feed(), forgotten);
    threads.forget(forgotten);
    Mono<Void> last = Mono.create(sink -> threads.beforeStop(threads.feed(), sink::success));

    StepVerifier.create(last).then(threads::close).verifyComplete();

    assertThat(ran[0]).isFalse();
    assertThat(threads.beforeStop(threads.feed(), forgotten)).isFalse();
  }

  @Test
  void noProducerIsMadeWhileTheClientCloses() {
    WeirProducer<String, String> producer = client.producer(settings());
    broker.withScript((partition, batch) -> new Fault.Delay(Duration.ofMillis(500)));
    BaseSubscriber<SendResult<Integer>> results = new BaseSubscriber<>() {};
    producer.send(records(1)).subscribe(results);
    await().until(() -> !broker.values("t", 0).isEmpty());

    Mono<Void> closing = client.close();
    closing.subscribe();

    assertThatThrownBy(() -> client.producer(settings())).matches(ClientCloseTest::isClosed);
    closing.block(DEADLINE);
  }

  @Test
  void aProducerCanBeClosedAfterItsClient() {
    WeirProducer<String, String> producer = client.producer(settings());
    client.close().block(DEADLINE);

    producer.close().block(DEADLINE);
    List<SendResult<Integer>> none =
        producer.send(records(1)).onErrorComplete(ClientCloseTest::isClosed).collectList().block();
    assertThat(none).isEmpty();
  }

  private static boolean isClosed(Throwable error) {
    return error instanceof WeirException weir && weir.code() == ErrorCode.CLOSED;
  }

  private static ProducerSettings<String, String> settings() {
    return ProducerSettings.of(Serializers.string(), Serializers.string());
  }

  private static Flux<ProducerRecord<String, String, Integer>> records(int count) {
    return Flux.range(0, count).map(i -> ProducerRecord.of("t", null, "v" + i, i));
  }
}
