package dev.weir.broker.campaign;

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
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/**
 * What runs against the broker through all faults: idempotent senders, and consumers that follow
 * every topic and take down what they see.
 */
final class Load implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final Duration TICK = Duration.ofMillis(5);
  private static final int RECORDS_A_TICK = 8;

  private final Layout layout;
  private final List<PartitionHistory> histories = new ArrayList<>();
  private final Findings findings;
  private final WeirClient client;
  private final List<CompletableFuture<Void>> senders = new ArrayList<>();
  private final List<Disposable> followers = new ArrayList<>();
  private final AtomicLong acknowledged = new AtomicLong();
  private volatile boolean stopping;

  Load(String server, Layout layout, Findings findings) {
    this.layout = layout;
    this.findings = findings;
    this.client = WeirClient.create(ClientSettings.of(server).withDeliveryTimeout(PATIENCE));
    layout.slots().forEach(slot -> histories.add(new PartitionHistory(slot, findings)));
  }

  void start() {
    for (NewTopic topic : layout.topics()) {
      client.admin().createTopic(topic).block();
      followers.add(follow(topic.name()));
    }
    layout.senders().forEach(sender -> senders.add(run(sender)));
  }

  private Disposable follow(String topic) {
    return client
        .consumer(
            ConsumerSettings.of(Serializers.toBytes(), Serializers.toBytes())
                .withRetryTimeout(PATIENCE))
        .receive(Assignment.topic(topic, StartingPosition.earliest()))
        .subscribe(
            record ->
                histories
                    .get(layout.slot(topic, record.partition()).number())
                    .onSeen(record.offset(), Objects.requireNonNull(record.value())),
            failure -> findings.add(Anomaly.FAILED_CLIENT, "following " + topic + ": " + failure));
  }

  private CompletableFuture<Void> run(Layout.Sender sender) {
    PartitionHistory history = histories.get(sender.slot().number());
    SplittableRandom random = new SplittableRandom(sender.number());
    Flux<ProducerRecord<byte[], byte[], ValueId>> records =
        Flux.interval(TICK)
            .onBackpressureDrop()
            .takeUntil(tick -> stopping)
            .concatMapIterable(tick -> records(sender, history, random), 1);
    CompletableFuture<Void> done = new CompletableFuture<>();
    client
        .producer(
            ProducerSettings.of(Serializers.bytes(), Serializers.bytes())
                .withCompression(sender.compression())
                .withMaxRecordBytes(256 << 10)
                .withBufferBytes(1 << 20))
        .send(records)
        .subscribe(
            result -> onResult(history, result),
            failure -> {
              findings.add(Anomaly.FAILED_CLIENT, "sender " + sender.number() + ": " + failure);
              done.complete(null);
            },
            () -> done.complete(null));
    return done;
  }

  private static List<ProducerRecord<byte[], byte[], ValueId>> records(
      Layout.Sender sender, PartitionHistory history, SplittableRandom random) {
    List<ProducerRecord<byte[], byte[], ValueId>> records = new ArrayList<>();
    boolean large = sender.largestValue() > 100_000;
    for (int i = large ? RECORDS_A_TICK - 1 : 0; i < RECORDS_A_TICK; i++) {
      ValueId id = history.next(sender.number());
      // squared: many short ones, few long ones
      double share = random.nextDouble();
      byte[] value = id.encode((int) (share * share * share * sender.largestValue()));
      records.add(
          ProducerRecord.of(sender.slot().topic(), (byte[]) null, value, id)
              .withPartition(sender.slot().partition()));
    }
    return records;
  }

  private void onResult(PartitionHistory history, SendResult<ValueId> result) {
    ValueId id = Objects.requireNonNull(result.correlation());
    if (result.isError()) {
      findings.add(Anomaly.FAILED_CLIENT, id + " failed: " + result.error());
    } else {
      history.onAcknowledged(id, result.offset());
      acknowledged.incrementAndGet();
    }
  }

  /** Records that are stored as far as their senders know. */
  long acknowledged() {
    return acknowledged.get();
  }

  /** Records handed to the client and not answered yet. */
  long inFlight() {
    return histories.stream().mapToLong(PartitionHistory::sent).sum() - acknowledged();
  }

  List<PartitionHistory> histories() {
    return histories;
  }

  /** Sends no more and waits for the answers of what was sent. */
  void finish() {
    stopping = true;
    CompletableFuture.allOf(senders.toArray(CompletableFuture[]::new))
        .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
        .join();
  }

  /** Reads every topic from its first record to its end as it is now. */
  void consumeEverything() {
    for (NewTopic topic : layout.topics()) {
      Map<Integer, Pass> passes = new HashMap<>();
      for (PartitionHistory history : histories) {
        if (history.slot().topic().equals(topic.name())) {
          passes.put(
              history.slot().partition(),
              new Pass(history, "a consumer", history.ends(), Pass.Mark.START));
        }
      }
      client
          .consumer(
              ConsumerSettings.of(Serializers.toBytes(), Serializers.toBytes())
                  .withRetryTimeout(PATIENCE))
          .receive(Assignment.topic(topic.name(), StartingPosition.earliest()).toEnd())
          .doOnNext(
              record ->
                  Objects.requireNonNull(passes.get(record.partition()))
                      .onRecord(record.offset(), Objects.requireNonNull(record.value())))
          .onErrorResume(
              failure -> {
                findings.add(Anomaly.FAILED_CLIENT, "reading " + topic.name() + ": " + failure);
                return Flux.empty();
              })
          .blockLast();
      passes.values().forEach(Pass::end);
    }
  }

  @Override
  public void close() {
    followers.forEach(Disposable::dispose);
    stopping = true;
    try {
      client.close().block(Duration.ofSeconds(10));
    } catch (IllegalStateException brokerGone) {
      // a broker that is dead answers no more; the process ends anyway
    }
  }
}
