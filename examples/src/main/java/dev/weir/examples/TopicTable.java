package dev.weir.examples;

import dev.weir.client.Assignment;
import dev.weir.client.ConsumerRecord;
import dev.weir.client.ConsumerSettings;
import dev.weir.client.StartingPosition;
import dev.weir.client.TopicDescription;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirConsumer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The last value of each key of a compacted topic, in memory: as large as the topic has keys. Read
 * from any thread; changed by {@link #follow} alone.
 */
final class TopicTable<K, V> {
  private final WeirConsumer<K, V> consumer;
  private final String topic;
  private final Map<K, V> rows = new ConcurrentHashMap<>();
  private final Map<Integer, StartingPosition> next = new ConcurrentHashMap<>();

  private TopicTable(WeirConsumer<K, V> consumer, TopicDescription description) {
    this.consumer = consumer;
    this.topic = description.name();
    description.partitions().forEach(p -> next.put(p.partition(), StartingPosition.earliest()));
  }

  /** The table as the topic is now. */
  static <K, V> Mono<TopicTable<K, V>> load(
      WeirClient client, String topic, ConsumerSettings<K, V> settings) {
    return client
        .admin()
        .describeTopic(topic)
        .map(description -> new TopicTable<>(client.consumer(settings), description))
        .flatMap(
            table ->
                table
                    .consumer
                    .receive(table.rest().toEnd())
                    .doOnNext(table::apply)
                    .then(Mono.just(table)));
  }

  /** Keeps the table current, from where it was loaded to; emits what has changed it. Once. */
  Flux<ConsumerRecord<K, V>> follow() {
    return Flux.defer(() -> consumer.receive(rest())).doOnNext(this::apply);
  }

  @Nullable V get(K key) {
    return rows.get(key);
  }

  private Assignment rest() {
    return new Assignment(topic, StartingPosition.earliest(), next, false, null);
  }

  private void apply(ConsumerRecord<K, V> record) {
    next.put(record.partition(), StartingPosition.offset(record.offset() + 1));
    K key = record.key();
    V value = record.value();
    if (key != null && value != null) {
      rows.put(key, value);
    } else if (key != null) {
      rows.remove(key); // a tombstone
    }
  }
}
