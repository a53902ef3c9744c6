package dev.weir.client;

import dev.weir.core.error.WeirException;
import dev.weir.core.loop.ThreadLoop;
import java.util.Set;
import java.util.function.Supplier;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/** A consumer whose subscriptions merge the partitions of their assignment. */
final class MergingConsumer<K, V> implements WeirConsumer<K, V> {
  private final Cluster cluster;
  private final ConsumerSettings<K, V> settings;
  private final Set<MergedSubscription<?>> subscriptions;

  /**
   * @param subscriptions where the client finds those that are open, to end them; for any thread
   */
  MergingConsumer(
      Cluster cluster, ConsumerSettings<K, V> settings, Set<MergedSubscription<?>> subscriptions) {
    this.cluster = cluster;
    this.settings = settings;
    this.subscriptions = subscriptions;
  }

  @Override
  public Flux<ConsumerRecord<K, V>> receive(Assignment assignment) {
    return merged(
        assignment,
        () -> new RecordReader<>(settings.keyDeserializer(), settings.valueDeserializer()));
  }

  @Override
  public Flux<ConsumerBatch> receiveBatches(Assignment assignment) {
    return merged(assignment, BatchReader::new);
  }

  private <T> Flux<T> merged(Assignment assignment, Supplier<FrameReader<T>> readers) {
    return new Flux<>() {
      @Override
      public void subscribe(CoreSubscriber<? super T> subscriber) {
        start(assignment, readers.get(), subscriber);
      }
    };
  }

  private <T> void start(
      Assignment assignment, FrameReader<T> reader, CoreSubscriber<? super T> subscriber) {
    ThreadLoop loop;
    try {
      loop = cluster.threads().next();
    } catch (WeirException e) {
      Operators.error(subscriber, e);
      return;
    }
    MergedSubscription<?>[] self = new MergedSubscription<?>[1];
    MergedSubscription<T> subscription =
        new MergedSubscription<>(
            cluster,
            loop,
            settings,
            assignment,
            reader,
            subscriber,
            () -> subscriptions.remove(self[0]));
    self[0] = subscription;
    subscriptions.add(subscription);
    subscriber.onSubscribe(subscription);
  }
}
