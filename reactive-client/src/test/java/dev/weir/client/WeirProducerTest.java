package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;

@Timeout(60)
class WeirProducerTest {
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
  void sendsEveryRecordInOrderWithItsOffsetAndCorrelation() {
    List<SendResult<Integer>> results =
        producer().send(numbers(10_000)).collectList().block(DEADLINE);

    assertThat(results).hasSize(10_000);
    for (int i = 0; i < results.size(); i++) {
      assertThat(results.get(i)).isEqualTo(new SendResult<>("t", 0, i, i, null));
    }
    assertThat(broker.values("t", 0)).isEqualTo(texts(10_000));
  }

  private WeirProducer<String, String> producer() {
    return client.producer(ProducerSettings.of(Serializers.string(), Serializers.string()));
  }

  private static Flux<ProducerRecord<String, String, Integer>> numbers(int count) {
    return Flux.range(0, count).map(i -> ProducerRecord.of("t", null, "v" + i, i));
  }

  private static List<String> texts(int count) {
    return IntStream.range(0, count).mapToObj(i -> "v" + i).toList();
  }
}
