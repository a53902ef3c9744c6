package dev.weir.examples;

import dev.weir.client.ClientSettings;
import dev.weir.client.ConsumerSettings;
import dev.weir.client.GroupSubscription;
import dev.weir.client.NewTopic;
import dev.weir.client.ProducerRecord;
import dev.weir.client.ProducerSettings;
import dev.weir.client.ReceiverRecord;
import dev.weir.client.SendResult;
import dev.weir.client.Serializers;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirConsumer;
import dev.weir.client.WeirProducer;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * Puts the customer's name to each order: a stream joined with a compacted topic as table. Names
 * are those known when the order is processed; the two topics have no common order.
 *
 * <p>An order is acknowledged when its enriched form is stored, so none is lost; after a crash the
 * last ones may be there twice.
 */
public final class Enrichment {
  static final String CUSTOMERS = "customers";
  static final String ORDERS = "orders";
  static final String ENRICHED = "enriched-orders";

  private Enrichment() {}

  /** The argument: HOST:PORT of a broker, default 127.0.0.1:9800. */
  public static void main(String[] args) {
    WeirClient client =
        WeirClient.create(ClientSettings.of(args.length > 0 ? args[0] : "127.0.0.1:9800"));
    try {
      createTopics(client).blockLast();
      TopicTable<String, String> customers = TopicTable.load(client, CUSTOMERS, texts()).block();
      if (customers != null) {
        Flux.merge(customers.follow(), enrich(client, customers)).blockLast();
      }
    } finally {
      client.close().block();
    }
  }

  static Flux<?> createTopics(WeirClient client) {
    return Flux.just(
            new NewTopic(CUSTOMERS, 2, 1, Map.of("cleanup.policy", "compact")),
            NewTopic.of(ORDERS, 4),
            NewTopic.of(ENRICHED, 4))
        .concatMap(client.admin()::createTopic);
  }

  /** Orders come as they can be sent: the producer asks for no more than fits its buffer. */
  static Flux<SendResult<ReceiverRecord<String, String>>> enrich(
      WeirClient client, TopicTable<String, String> customers) {
    WeirConsumer<String, String> consumer = client.consumer(texts());
    WeirProducer<String, String> producer =
        client.producer(
            ProducerSettings.of(Serializers.string(), Serializers.string()).withStopOnError(true));
    Flux<ProducerRecord<String, String, ReceiverRecord<String, String>>> enriched =
        consumer
            .receive(GroupSubscription.of("enrichment", ORDERS))
            .map(
                order ->
                    ProducerRecord.of(
                        ENRICHED, order.key(), nameOf(customers, order) + order.value(), order));
    return producer.send(enriched).doOnNext(Enrichment::acknowledge);
  }

  private static void acknowledge(SendResult<ReceiverRecord<String, String>> stored) {
    ReceiverRecord<String, String> order = stored.correlation();
    if (order != null) {
      order.acknowledge();
    }
  }

  private static String nameOf(
      TopicTable<String, String> customers, ReceiverRecord<String, String> order) {
    String key = order.key();
    @Nullable String name = key == null ? null : customers.get(key);
    return (name == null ? "?" : name) + ": ";
  }

  private static ConsumerSettings<String, String> texts() {
    return ConsumerSettings.of(Serializers.toStrings(), Serializers.toStrings());
  }
}
