package dev.weir.broker.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.client.Assignment;
import dev.weir.client.ClientSettings;
import dev.weir.client.ConsumerSettings;
import dev.weir.client.NewTopic;
import dev.weir.client.ProducerRecord;
import dev.weir.client.ProducerSettings;
import dev.weir.client.SendResult;
import dev.weir.client.Serializers;
import dev.weir.client.StartingPosition;
import dev.weir.client.WeirClient;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/** One producer and one consumer that behave, before, during and after an attack. */
final class GoodTraffic implements AutoCloseable {
  static final String TOPIC = "good";
  private static final Duration PACE = Duration.ofMillis(2);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final WeirClient client;
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicLong received = new AtomicLong();
  private final AtomicLong longestPauseNanos = new AtomicLong();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final CompletableFuture<Void> producing = new CompletableFuture<>();
  private final Disposable consuming;
  private volatile long lastReceived = System.nanoTime();
  private volatile boolean stopping;

  GoodTraffic(int port) {
    client =
        WeirClient.create(ClientSettings.of("127.0.0.1:" + port).withDeliveryTimeout(PATIENCE));
    client.admin().createTopic(NewTopic.of(TOPIC, 1)).block(PATIENCE);
    consuming =
        client
            .consumer(
                ConsumerSettings.of(Serializers.toBytes(), Serializers.toBytes())
                    .withRetryTimeout(PATIENCE))
            .receive(Assignment.topic(TOPIC, StartingPosition.earliest()))
            .subscribe(
                record -> onReceived(Objects.requireNonNull(record.value())),
                failure -> failures.add("consumer: " + failure));
    Flux<ProducerRecord<byte[], byte[], Long>> records =
        Flux.interval(PACE)
            .onBackpressureDrop()
            .takeUntil(tick -> stopping)
            .map(tick -> record(sent.getAndIncrement()));
    client
        .producer(
            ProducerSettings.of(Serializers.bytes(), Serializers.bytes()).withBufferBytes(2 << 20))
        .send(records)
        .subscribe(
            this::onResult,
            failure -> {
              failures.add("producer: " + failure);
              producing.complete(null);
            },
            () -> producing.complete(null));
  }

  private static ProducerRecord<byte[], byte[], Long> record(long number) {
    byte[] value = ByteBuffer.allocate(1000).putLong(number).array();
    return ProducerRecord.of(TOPIC, (byte[]) null, value, number);
  }

  private void onResult(SendResult<Long> result) {
    if (result.isError()) {
      failures.add("record " + result.correlation() + ": " + result.error());
    } else {
      acknowledged.incrementAndGet();
    }
  }

  private void onReceived(byte[] value) {
    long number = ByteBuffer.wrap(value).getLong();
    long expected = received.getAndIncrement();
    if (number != expected) {
      failures.add("record " + number + " came instead of " + expected);
    }
    long now = System.nanoTime();
    longestPauseNanos.accumulateAndGet(now - lastReceived, Math::max);
    lastReceived = now;
  }

  long received() {
    return received.get();
  }

  /** Waits until so many more records have been produced, acknowledged and consumed. */
  void goesOn(long more) {
    long soon = received.get() + more;
    await().atMost(PATIENCE).until(() -> received.get() >= soon || !failures.isEmpty());
    assertThat(failures).isEmpty();
  }

  long longestPauseMillis() {
    return TimeUnit.NANOSECONDS.toMillis(longestPauseNanos.getAndSet(0));
  }

  /** Ends the producer; everything that was sent has to be there. */
  void finish() throws Exception {
    stopping = true;
    producing.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(acknowledged).hasValue(sent.get());
    await().atMost(PATIENCE).until(() -> received.get() >= sent.get() || !failures.isEmpty());
    assertThat(failures).isEmpty();
    assertThat(received).hasValue(sent.get());
  }

  @Override
  public void close() {
    stopping = true;
    consuming.dispose();
    client.close().block(PATIENCE);
  }
}
