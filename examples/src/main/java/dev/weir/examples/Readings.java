package dev.weir.examples;

import dev.weir.client.Assignment;
import dev.weir.client.ClientSettings;
import dev.weir.client.ConsumerRecord;
import dev.weir.client.ConsumerSettings;
import dev.weir.client.GroupSubscription;
import dev.weir.client.NewTopic;
import dev.weir.client.ProducerRecord;
import dev.weir.client.ProducerSettings;
import dev.weir.client.SendResult;
import dev.weir.client.Serializers;
import dev.weir.client.StartingPosition;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirConsumer;
import dev.weir.client.WeirProducer;
import java.time.Duration;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Sends sensor readings and works them off with a step that is slower than the log. The pace of
 * that step is what the broker reads the disk at: nothing piles up in between.
 */
public final class Readings {
  private Readings() {}

  /** The argument: HOST:PORT of a broker, default 127.0.0.1:9800. */
  public static void main(String[] args) {
    WeirClient client =
        WeirClient.create(ClientSettings.of(args.length > 0 ? args[0] : "127.0.0.1:9800"));
    try {
      client.admin().createTopic(NewTopic.of("readings", 4)).block();
      send(client).doOnNext(System.out::println).blockLast();
      work(client).doOnNext(System.out::println).blockLast();
    } finally {
      client.close().block();
    }
  }

  /** A result for every reading, when it is on stable storage. */
  static Flux<SendResult<Integer>> send(WeirClient client) {
    WeirProducer<String, String> producer =
        client.producer(ProducerSettings.of(Serializers.string(), Serializers.string()));
    Flux<ProducerRecord<String, String, Integer>> readings =
        Flux.range(1, 100)
            .map(i -> ProducerRecord.of("readings", "sensor-" + i % 8, "value " + i, i));
    return producer.send(readings);
  }

  /** What there is, at most eight at a time in work. */
  static Flux<String> work(WeirClient client) {
    WeirConsumer<String, String> consumer =
        client.consumer(ConsumerSettings.of(Serializers.toStrings(), Serializers.toStrings()));
    return consumer
        .receive(Assignment.topic("readings", StartingPosition.earliest()).toEnd())
        .flatMap(Readings::slowStep, 8);
  }

  /** The same as one of a group, whose members share the topic; without an end. */
  static Flux<String> share(WeirClient client) {
    WeirConsumer<String, String> consumer =
        client.consumer(ConsumerSettings.of(Serializers.toStrings(), Serializers.toStrings()));
    return consumer
        .receive(GroupSubscription.of("workers", "readings"))
        .flatMap(
            record -> slowStep(record.toConsumerRecord()).doOnSuccess(done -> record.acknowledge()),
            8);
  }

  private static Mono<String> slowStep(ConsumerRecord<String, String> record) {
    return Mono.delay(Duration.ofMillis(5))
        .thenReturn(
            record.partition()
                + "/"
                + record.offset()
                + " "
                + record.key()
                + ": "
                + record.value());
  }
}
