package dev.weir.client;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.reactivestreams.Publisher;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** A producer whose subscriptions fill common batches. Only puts its parts together. */
final class BatchingProducer<K, V> implements WeirProducer<K, V> {
  private final ProducerParts<K, V> parts;
  private final SendLoop sendLoop;
  private final ClientThreads threads;
  private final Set<SendIntake<K, V, ?>> intakes = ConcurrentHashMap.newKeySet();
  private final Consumer<WeirProducer<?, ?>> onClosed;
  private volatile boolean closed;

  private BatchingProducer(
      ProducerParts<K, V> parts,
      SendLoop sendLoop,
      ClientThreads threads,
      Consumer<WeirProducer<?, ?>> onClosed) {
    this.parts = parts;
    this.sendLoop = sendLoop;
    this.threads = threads;
    this.onClosed = onClosed;
  }

  /**
   * @param onClosed told when the producer has been closed and is of no more use
   */
  static <K, V> BatchingProducer<K, V> create(
      Cluster cluster, ProducerSettings<K, V> settings, Consumer<WeirProducer<?, ?>> onClosed) {
    // Wakes senders when a quarter is free again, so that they do not ask record by record.
    MemoryBudget budget =
        new MemoryBudget(
            settings.bufferBytes(),
            Math.max(
                settings.maxRecordBytes() + SendIntake.RECORD_FRAMING_BYTES,
                settings.bufferBytes() / 4));
    SendLoop sendLoop =
        new SendLoop(
            cluster,
            cluster.threads().next(),
            settings,
            new BatchSource(settings, budget, cluster.time()));
    ProducerTopics topics = new ProducerTopics(cluster.topics(), sendLoop, settings.batchBytes());
    return new BatchingProducer<>(
        new ProducerParts<>(
            settings,
            topics,
            budget,
            cluster.threads().feed(),
            cluster.links()::reached,
            cluster.time()),
        sendLoop,
        cluster.threads(),
        onClosed);
  }

  @Override
  public <C> Flux<SendResult<C>> send(Publisher<? extends ProducerRecord<K, V, C>> records) {
    return new Flux<>() {
      @Override
      public void subscribe(CoreSubscriber<? super SendResult<C>> subscriber) {
        start(records, subscriber);
      }
    };
  }

  @Override
  public Mono<Void> close() {
    return Mono.defer(
        () -> {
          closed = true;
          intakes.forEach(intake -> intake.stop(SendLoop.closed()));
          return sendLoop.close().doFinally(signal -> onClosed.accept(this));
        });
  }

  @Override
  public Throttling throttling() {
    return sendLoop.throttling();
  }

  /** Bytes held now; for tests of the bound. */
  long bufferedBytes() {
    return parts.budget().usedBytes();
  }

  private <C> void start(
      Publisher<? extends ProducerRecord<K, V, C>> records,
      CoreSubscriber<? super SendResult<C>> subscriber) {
    if (closed) {
      Operators.error(subscriber, SendLoop.closed());
      return;
    }
    SendResults<C> results =
        new SendResults<>(
            subscriber, sendLoop.loop(), parts.budget(), parts.settings().stopOnError());
    SendIntake<K, V, C> intake = new SendIntake<>(parts, results, subscriber.currentContext());
    intakes.add(intake);
    Runnable abandon = results::abandon;
    results.attach(
        intake,
        () -> {
          intakes.remove(intake);
          threads.forget(abandon);
        });
    subscriber.onSubscribe(results);
    if (!threads.beforeStop(sendLoop.loop(), abandon)) {
      abandon.run(); // its loop is ending; nothing was taken yet
      return;
    }
    if (results.isOver()) { // perhaps before there was something to forget
      threads.forget(abandon);
    }
    records.subscribe(intake);
    if (closed) { // meanwhile
      intake.stop(SendLoop.closed());
    }
  }
}
