package dev.weir.broker.campaign.groups;

import dev.weir.client.ProducerRecord;
import dev.weir.client.ProducerSettings;
import dev.weir.client.SendResult;
import dev.weir.client.Serializers;
import dev.weir.client.WeirClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import reactor.core.publisher.Flux;

/** A producer at a steady rate, round-robin; takes down how far it was acknowledged and when. */
final class Load {
  private static final int RECORDS_A_MILLI = 20;
  private static final int MOST_A_TICK = 400; // catches up at no more than four times the rate
  private static final Duration TICK = Duration.ofMillis(5);
  private static final int SAMPLE_MILLIS = 50;
  private static final int DEADLINE_SECONDS = 120;

  private final WeirClient client;
  private final int partitions;
  private final Breaches breaches;
  private final AtomicLongArray ends;
  private final long[] counters; // of the tick's thread
  private final List<Produced.Sample> samples = new ArrayList<>(); // of the sampler, then of all
  private final CompletableFuture<Void> sent = new CompletableFuture<>();
  private final Thread sampler = new Thread(this::sample, "storm-sampler");
  private long started;
  private long handedOver;
  private volatile boolean stopping;
  private volatile boolean over;

  Load(WeirClient client, int partitions, Breaches breaches) {
    this.client = client;
    this.partitions = partitions;
    this.breaches = breaches;
    this.ends = new AtomicLongArray(partitions);
    this.counters = new long[partitions];
  }

  void start() {
    started = System.nanoTime();
    client
        .producer(ProducerSettings.of(Serializers.bytes(), Serializers.bytes()))
        .send(
            Flux.interval(TICK)
                .onBackpressureDrop()
                .takeUntil(tick -> stopping)
                .concatMapIterable(tick -> next(), 1))
        .subscribe(
            this::onResult,
            failure -> {
              breaches.add(Breach.FAILED_CLIENT, "the producer: " + failure);
              sent.complete(null);
            },
            () -> sent.complete(null));
    sampler.start();
  }

  private List<ProducerRecord<byte[], byte[], Payload>> next() {
    long due = (System.nanoTime() - started) / 1_000_000 * RECORDS_A_MILLI;
    int count = (int) Math.min(due - handedOver, MOST_A_TICK);
    List<ProducerRecord<byte[], byte[], Payload>> records = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int partition = (int) (handedOver++ % partitions);
      Payload payload = new Payload(1, partition, counters[partition]++);
      records.add(
          ProducerRecord.of(Storm.TOPIC, (byte[]) null, payload.encode(), payload)
              .withPartition(partition));
    }
    return records;
  }

  private void onResult(SendResult<Payload> result) {
    Payload payload = Objects.requireNonNull(result.correlation());
    if (result.isError()) {
      breaches.add(Breach.FAILED_CLIENT, payload + " failed: " + result.error());
    } else if (result.offset() != payload.counter()) {
      breaches.add(Breach.FOREIGN, payload + " is said to be at offset " + result.offset());
    } else {
      ends.set(payload.partition(), result.offset() + 1);
    }
  }

  private void sample() {
    while (!over) {
      take();
      Nemesis.sleep(SAMPLE_MILLIS);
    }
    take();
  }

  private void take() {
    List<Long> now = new ArrayList<>();
    for (int i = 0; i < partitions; i++) {
      now.add(ends.get(i));
    }
    samples.add(new Produced.Sample(System.currentTimeMillis(), now));
  }

  /** Sends no more, waits for the answers, and returns how it went. */
  Produced finish() throws InterruptedException {
    stopping = true;
    sent.orTimeout(DEADLINE_SECONDS, TimeUnit.SECONDS).join();
    over = true;
    sampler.join();
    return new Produced(samples);
  }
}
