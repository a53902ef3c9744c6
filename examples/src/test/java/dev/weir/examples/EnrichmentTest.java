package dev.weir.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.Assignment;
import dev.weir.client.ConsumerRecord;
import dev.weir.client.ConsumerSettings;
import dev.weir.client.ProducerRecord;
import dev.weir.client.ProducerSettings;
import dev.weir.client.SendResult;
import dev.weir.client.Serializers;
import dev.weir.client.StartingPosition;
import dev.weir.client.WeirClient;
import dev.weir.testing.WeirBrokerExtension;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

@ExtendWith(WeirBrokerExtension.class)
class EnrichmentTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  private static final ConsumerSettings<String, String> TEXTS =
      ConsumerSettings.of(Serializers.toStrings(), Serializers.toStrings());

  private final WeirClient client;

  EnrichmentTest(WeirClient client) {
    this.client = client;
  }

  @BeforeEach
  void createTopics() {
    Enrichment.createTopics(client).blockLast(SOON);
  }

  @Test
  void ordersGetTheLastNameOfTheirCustomer() throws InterruptedException {
    put(Enrichment.CUSTOMERS, "1", "Ada");
    put(Enrichment.CUSTOMERS, "2", "Bob");
    put(Enrichment.CUSTOMERS, "2", "Robert");
    put(Enrichment.CUSTOMERS, "3", "Carol");
    put(Enrichment.CUSTOMERS, "3", null);
    put(Enrichment.ORDERS, "1", "tea");
    put(Enrichment.ORDERS, "2", "ink");
    put(Enrichment.ORDERS, "3", "rope");

    TopicTable<String, String> customers =
        TopicTable.load(client, Enrichment.CUSTOMERS, TEXTS).block(SOON);
    assertThat(customers).isNotNull();
    BlockingQueue<ConsumerRecord<String, String>> changes = new LinkedBlockingQueue<>();
    Disposable following = customers.follow().subscribe(changes::add);
    Enrichment.enrich(client, customers).take(3).blockLast(SOON);
    assertThat(enriched()).containsExactlyInAnyOrder("Ada: tea", "Robert: ink", "?: rope");

    put(Enrichment.CUSTOMERS, "3", "Caroline");
    assertThat(changes.poll(SOON.toSeconds(), TimeUnit.SECONDS))
        .isNotNull()
        .extracting(ConsumerRecord::value)
        .isEqualTo("Caroline"); // and nothing that was loaded
    put(Enrichment.ORDERS, "3", "sail");
    Enrichment.enrich(client, customers).take(1).blockLast(SOON);
    assertThat(enriched()).hasSize(4).contains("Caroline: sail"); // nothing is enriched again
    following.dispose();
  }

  private void put(String topic, String key, @Nullable String value) {
    SendResult<Object> result =
        client
            .producer(ProducerSettings.of(Serializers.string(), Serializers.string()))
            .send(Flux.just(ProducerRecord.of(topic, key, value)))
            .blockLast(SOON);
    assertThat(result).isNotNull().extracting(SendResult::isError).isEqualTo(false);
  }

  private List<String> enriched() {
    List<String> values =
        client
            .consumer(TEXTS)
            .receive(Assignment.topic(Enrichment.ENRICHED, StartingPosition.earliest()).toEnd())
            .mapNotNull(ConsumerRecord::value)
            .collectList()
            .block(SOON);
    return values == null ? List.of() : values;
  }
}
