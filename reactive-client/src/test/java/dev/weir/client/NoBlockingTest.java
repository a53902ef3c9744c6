package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.blockhound.BlockHound;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/** Neither the client's threads nor its callers' event loops are ever blocked. */
@Timeout(60)
class NoBlockingTest {
  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final int RECORDS = 50_000;

  private FakeBroker broker;
  private WeirClient client;

  @BeforeAll
  static void watch() {
    BlockHound.builder()
        .nonBlockingThreadPredicate(
            also -> also.or(thread -> thread.getName().startsWith("weir-client-")))
        .allowBlockingCallsInside("dev.weir.core.loop.ThreadLoop", "park") // idle, not blocked
        // How the tests' own publishOn reaches its thread: a lock for a few instructions.
        .allowBlockingCallsInside(
            "java.util.concurrent.ScheduledThreadPoolExecutor$DelayedWorkQueue", "offer")
        .install();
  }

  @BeforeEach
  void start() {
    broker = FakeBroker.start().withTopic("t", 2);
    client = WeirClient.create(ClientSettings.of(broker.address()));
  }

  @AfterEach
  void stop() {
    client.close().block(DEADLINE);
    broker.close();
  }

  @Test
  void sendingAndReceivingBlocksNoThread() {
    WeirProducer<String, String> producer =
        client.producer(ProducerSettings.of(Serializers.string(), Serializers.string()));
    Flux<ProducerRecord<String, String, Integer>> records =
        Flux.range(0, RECORDS)
            .map(i -> ProducerRecord.<String, String, Integer>of("t", null, "v" + i, i));

    List<SendResult<Integer>> results =
        Flux.merge(
                producer.send(records.publishOn(Schedulers.parallel())),
                producer.send(records.publishOn(Schedulers.parallel())))
            .doOnNext(result -> assertThat(result.error()).isNull())
            .collectList()
            .block(DEADLINE);
    Long read =
        client
            .consumer(ConsumerSettings.of(Serializers.toStrings(), Serializers.toStrings()))
            .receive(Assignment.topic("t", StartingPosition.earliest()).toEnd())
            .count()
            .block(DEADLINE);

    assertThat(results).hasSize(2 * RECORDS);
    assertThat(read).isEqualTo(2 * RECORDS);
  }

  @Test
  void aGroupsMemberBlocksNoThread() {
    WeirProducer<String, String> producer =
        client.producer(ProducerSettings.of(Serializers.string(), Serializers.string()));
    producer
        .send(
            Flux.range(0, RECORDS)
                .map(i -> ProducerRecord.<String, String, Integer>of("t", null, "v" + i, i)))
        .blockLast(DEADLINE);

    Long read =
        client
            .consumer(ConsumerSettings.of(Serializers.toStrings(), Serializers.toStrings()))
            .receive(GroupSubscription.of("g", "t"))
            .publishOn(Schedulers.parallel())
            .doOnNext(ReceiverRecord::acknowledge)
            .take(RECORDS)
            .count()
            .block(DEADLINE);

    assertThat(read).isEqualTo(RECORDS);
  }
}
