package dev.weir.benchmarks;

import com.google.protobuf.ByteString;
import dev.weir.client.ClientSettings;
import dev.weir.client.NewTopic;
import dev.weir.client.ProducerRecord;
import dev.weir.client.ProducerSettings;
import dev.weir.client.SendResult;
import dev.weir.client.Serializers;
import dev.weir.client.WeirClient;
import dev.weir.core.protocol.FetchRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Sinks;

/**
 * A new topic of one partition in one of the brokers: takes single records, and tells how to read
 * them from the first one on. Both acknowledge what is in the page cache.
 */
interface TailFeed extends AutoCloseable {
  /** Hands the value to the broker's own producer. */
  void send(byte[] value);

  Speaker reader(TailCounter counter);

  /**
   * @throws IOException a record was refused
   */
  @Override
  void close() throws IOException;

  /** In Weir. */
  final class Weir implements TailFeed {
    private static final Duration LONGEST_CALL = Duration.ofSeconds(30);

    private final WeirClient client =
        WeirClient.create(ClientSettings.of("127.0.0.1:" + WeirPeer.PORT));
    private final Sinks.Many<ProducerRecord<byte[], byte[], Void>> values =
        Sinks.many().unicast().onBackpressureBuffer();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final String topic;
    private final byte[] request;
    private final Disposable sending;

    Weir(String topic) {
      this.topic = topic;
      this.request =
          FetchRequest.newBuilder()
              .setTopicId(
                  ByteString.copyFrom(
                      Objects.requireNonNull(
                              client
                                  .admin()
                                  .createTopic(
                                      new NewTopic(topic, 1, 1, Map.of("durability", "replicated")))
                                  .block(LONGEST_CALL))
                          .toBytes()))
              .setLeaderEpoch(-1)
              .setMaxFrameBytes(Backlog.FRAME_BYTES)
              .build()
              .toByteArray();
      this.sending =
          client
              .producer(ProducerSettings.of(Serializers.bytes(), Serializers.bytes()))
              .send(values.asFlux())
              .mapNotNull(SendResult::error)
              .subscribe(
                  error -> failure.compareAndSet(null, error),
                  error -> failure.compareAndSet(null, error));
    }

    @Override
    public void send(byte[] value) {
      values.emitNext(
          ProducerRecord.<byte[], byte[], Void>of(topic, value),
          Sinks.EmitFailureHandler.FAIL_FAST);
    }

    @Override
    public Speaker reader(TailCounter counter) {
      return WeirSubscriber.tailing(request, counter);
    }

    @Override
    public void close() throws IOException {
      sending.dispose();
      client.close().block(LONGEST_CALL);
      Throwable reason = failure.get();
      if (reason != null) {
        throw new IOException("Weir refused a record", reason);
      }
    }
  }

  /** In Kafka. */
  final class Kafka implements TailFeed {
    private final String topic;
    private final KafkaProducer<byte[], byte[]> producer;
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

    Kafka(String topic) throws InterruptedException {
      this.topic = topic;
      Map<String, Object> config =
          Map.of("bootstrap.servers", "127.0.0.1:" + KafkaPeer.PORT, "linger.ms", 0);
      try (Admin admin = Admin.create(config)) {
        admin
            .createTopics(List.of(new org.apache.kafka.clients.admin.NewTopic(topic, 1, (short) 1)))
            .all()
            .get();
        this.producer =
            new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
        // Only then it is certain that the topic can be fetched.
        producer
            .send(new org.apache.kafka.clients.producer.ProducerRecord<>(topic, new byte[1]))
            .get();
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void send(byte[] value) {
      Future<RecordMetadata> unused = // the callback tells the same
          producer.send(
              new org.apache.kafka.clients.producer.ProducerRecord<>(topic, value),
              (metadata, error) -> failure.compareAndSet(null, error));
    }

    @Override
    public Speaker reader(TailCounter counter) {
      return KafkaFetcher.tailing(topic, 1, counter);
    }

    @Override
    public void close() throws IOException {
      producer.close();
      Exception reason = failure.get();
      if (reason != null) {
        throw new IOException("Kafka refused a record", reason);
      }
    }
  }
}
