package dev.weir.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.client.Assignment;
import dev.weir.client.ConsumerSettings;
import dev.weir.client.NewTopic;
import dev.weir.client.ProducerRecord;
import dev.weir.client.ProducerSettings;
import dev.weir.client.Serializers;
import dev.weir.client.StartingPosition;
import dev.weir.client.WeirClient;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

class WeirTestBrokerTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  @Test
  void recordsGoInAndComeBackAlsoAfterARestart() {
    try (WeirTestBroker broker = WeirTestBroker.start()) {
      broker.createTopics("orders", "payments");
      send(broker.client(), "orders", "one", "two");
      assertThat(read(broker.client(), "orders")).containsExactly("one", "two");

      String address = broker.address();
      broker.restart();

      assertThat(broker.address()).isEqualTo(address);
      send(broker.client(), "orders", "three");
      assertThat(read(broker.client(), "orders")).containsExactly("one", "two", "three");
      assertThat(read(broker.client(), "payments")).isEmpty();
    }
  }

  @Test
  void leavesNothingBehind() {
    WeirTestBroker broker = WeirTestBroker.start();
    Path dataDir;
    try (broker) {
      broker.createTopic(NewTopic.of("orders", 3));
      dataDir = directoryWith("orders-2");
      assertThat(dataDir).isDirectory();
    }
    assertThat(dataDir).doesNotExist();
    assertThatThrownBy(broker::client)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is closed");
    broker.close(); // does no harm
  }

  @Test
  void brokersDoNotKnowEachOther() {
    try (WeirTestBroker one = WeirTestBroker.start();
        WeirTestBroker other = WeirTestBroker.start()) {
      one.createTopics("orders");
      other.createTopics("orders");
      send(one.client(), "orders", "of one");
      assertThat(read(other.client(), "orders")).isEmpty();
      assertThat(read(one.client(), "orders")).containsExactly("of one");
    }
  }

  @Test
  void refusesSettingsThatDoNotExist() {
    assertThatThrownBy(() -> WeirTestBroker.start(Map.of("no.such.setting", "1")))
        .isInstanceOfSatisfying(
            WeirException.class,
            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_CONFIG))
        .hasMessageContaining("no.such.setting");
  }

  private static void send(WeirClient client, String topic, String... values) {
    client
        .<String, String>producer(ProducerSettings.of(Serializers.string(), Serializers.string()))
        .send(
            Flux.fromArray(values)
                .map(value -> ProducerRecord.<String, String, Void>of(topic, value, value, null)))
        .blockLast(SOON);
  }

  private static List<String> read(WeirClient client, String topic) {
    return client
        .<String, String>consumer(
            ConsumerSettings.of(Serializers.toStrings(), Serializers.toStrings()))
        .receive(Assignment.topic(topic, StartingPosition.earliest()).toEnd())
        .map(record -> String.valueOf(record.value()))
        .collectList()
        .block(SOON);
  }

  private static Path directoryWith(String partition) {
    try (Stream<Path> candidates = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return candidates
          .filter(each -> each.getFileName().toString().startsWith("weir-test-"))
          .filter(each -> Files.isDirectory(each.resolve(partition)))
          .findFirst()
          .orElseThrow();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
