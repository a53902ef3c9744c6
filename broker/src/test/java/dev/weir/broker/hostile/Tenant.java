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
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SynchronizedHistogram;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Sinks;

/**
 * One producer and one consumer that behave, before, during and after an attack. Records fall due
 * at a fixed rate whatever becomes of those before, and each is measured from the moment it was due
 * to its arrival at the consumer, so a broker that stops for a second is seen as slow for all
 * records of that second.
 */
final class Tenant implements AutoCloseable {
  static final String TOPIC = "good";
  private static final long PACE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final WeirClient client;
  private final long startNanos;
  private final Thread pacing = new Thread(this::pace, "tenant-pace");
  private final Sinks.Many<Long> due = Sinks.many().unicast().onBackpressureBuffer();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicLong received = new AtomicLong();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final CompletableFuture<Void> producing = new CompletableFuture<>();
  private final Disposable consuming;
  private volatile Stretch current = new Stretch(0, null);
  private volatile boolean stopping;

  /** The records that fell due between its beginning and that of the next. */
  static final class Stretch {
    private final long from;
    private final @Nullable Stretch before;
    private final Histogram micros = new SynchronizedHistogram(TimeUnit.MINUTES.toMicros(10), 3);

    private Stretch(long from, @Nullable Stretch before) {
      this.from = from;
      this.before = before;
    }

    double p99Millis() {
      return micros.getValueAtPercentile(99) / 1e3;
    }
  }

  Tenant(int port) {
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
    client
        .producer(
            ProducerSettings.of(Serializers.bytes(), Serializers.bytes()).withBufferBytes(2 << 20))
        .send(due.asFlux().map(Tenant::record))
        .subscribe(
            this::onResult,
            failure -> {
              failures.add("producer: " + failure);
              producing.complete(null);
            },
            () -> producing.complete(null));
    startNanos = System.nanoTime();
    pacing.setDaemon(true);
    pacing.start();
  }

  private void pace() {
    for (long number = 0; !stopping; number++) {
      for (long left = left(number); left > 0; left = left(number)) {
        LockSupport.parkNanos(left);
      }
      sent.set(number + 1);
      due.emitNext(number, Sinks.EmitFailureHandler.FAIL_FAST);
    }
    due.emitComplete(Sinks.EmitFailureHandler.FAIL_FAST);
  }

  private long left(long number) {
    return startNanos + number * PACE_NANOS - System.nanoTime();
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
    long micros = TimeUnit.NANOSECONDS.toMicros(Math.max(0, -left(number)));
    Stretch stretch = current;
    while (stretch.before != null && number < stretch.from) {
      stretch = stretch.before;
    }
    stretch.micros.recordValue(Math.min(micros, stretch.micros.getHighestTrackableValue()));
    long expected = received.getAndIncrement();
    if (number != expected) {
      failures.add("record " + number + " came instead of " + expected);
    }
  }

  /** Begins another stretch and ends the one before. */
  Stretch begin() {
    current = new Stretch(sent.get(), current);
    return current;
  }

  /** Waits until all records that were due until now have arrived, and so many more. */
  void goesOn(long more) {
    long soon = sent.get() + more;
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> received.get() >= soon || !failures.isEmpty());
    assertThat(failures).as("what the tenant missed").isEmpty();
  }

  long received() {
    return received.get();
  }

  /** Ends the producer; everything that was due has to be there, once and in order. */
  void finish() throws Exception {
    stopping = true;
    producing.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(acknowledged).hasValue(sent.get());
    await().atMost(PATIENCE).until(() -> received.get() >= sent.get() || !failures.isEmpty());
    assertThat(failures).as("what the tenant missed").isEmpty();
    assertThat(received).hasValue(sent.get());
  }

  @Override
  public void close() {
    stopping = true;
    consuming.dispose();
    client.close().block(PATIENCE);
  }
}
