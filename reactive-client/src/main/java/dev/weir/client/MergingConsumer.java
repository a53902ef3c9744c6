package dev.weir.client;

import dev.weir.core.error.WeirException;
import dev.weir.core.loop.ThreadLoop;
import java.time.Duration;
import java.util.Set;
import java.util.function.Supplier;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/** A consumer whose subscriptions merge the partitions of their assignment. */
final class MergingConsumer<K, V> implements WeirConsumer<K, V> {
  private final Cluster cluster;
  private final ConsumerSettings<K, V> settings;
  private final Set<OpenSubscription> subscriptions;
  private final GroupReading<K, V> groups;

  /**
   * @param subscriptions where the client finds those that are open, to end them; for any thread
   */
  MergingConsumer(
      Cluster cluster, ConsumerSettings<K, V> settings, Set<OpenSubscription> subscriptions) {
    this.cluster = cluster;
    this.settings = settings;
    this.subscriptions = subscriptions;
    this.groups = new GroupReading<>(cluster, settings, subscriptions);
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

  @Override
  public Flux<ReceiverRecord<K, V>> receive(GroupSubscription group) {
    return groups.records(group);
  }

  @Override
  public Flux<ReceiverRecord<K, V>> receiveAutoAck(GroupSubscription group) {
    return groups.autoAcknowledged(group);
  }

  @Override
  public Flux<ConsumerRecord<K, V>> receiveAtMostOnce(GroupSubscription group) {
    return groups.atMostOnce(group);
  }

  @Override
  public Flux<ReceiverBatch<K, V>> receiveBatches(
      GroupSubscription group, int maxRecords, Duration maxWait) {
    return groups.batches(group, maxRecords, maxWait);
  }

  @Override
  public Flux<PartitionFlux<K, V>> receivePartitions(GroupSubscription group) {
    return groups.partitions(group);
  }

  private <T> Flux<T> merged(Assignment assignment, Supplier<FrameReader<T>> readers) {
    return new Flux<>() {
      @Override
      public void subscribe(CoreSubscriber<? super T> subscriber) {
        start(assignment, readers, subscriber);
      }
    };
  }

  private <T> void start(
      Assignment assignment,
      Supplier<FrameReader<T>> readers,
      CoreSubscriber<? super T> subscriber) {
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
            readers,
            subscriber,
            () -> forget(self[0], assignment));
    self[0] = subscription;
    ConsumerControl control = assignment.control();
    if (control != null && !control.bind(subscription)) {
      Operators.error(subscriber, ConsumerControl.inUse());
      return;
    }
    subscriptions.add(subscription);
    subscriber.onSubscribe(subscription.subscription());
  }

  private void forget(MergedSubscription<?> ended, Assignment assignment) {
    subscriptions.remove(ended);
    ConsumerControl control = assignment.control();
    if (control != null) {
      control.unbind(ended);
    }
  }
}
