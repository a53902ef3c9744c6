package dev.weir.client;

import dev.weir.core.error.WeirException;
import dev.weir.core.loop.PartitionLoop;
import dev.weir.core.loop.ThreadLoop;
import java.time.Duration;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/** The ways to read as a group's member, each a fresh member per subscriber. */
final class GroupReading<K, V> {
  private final Cluster cluster;
  private final ConsumerSettings<K, V> settings;
  private final Set<OpenSubscription> subscriptions;

  GroupReading(
      Cluster cluster, ConsumerSettings<K, V> settings, Set<OpenSubscription> subscriptions) {
    this.cluster = cluster;
    this.settings = settings;
    this.subscriptions = subscriptions;
  }

  Flux<ReceiverRecord<K, V>> records(GroupSubscription group) {
    return flux(
        (loop, subscriber) -> start(loop, group, merged(loop, subscriber, acks -> {}), subscriber));
  }

  Flux<ReceiverRecord<K, V>> autoAcknowledged(GroupSubscription group) {
    return flux(
        (loop, subscriber) -> {
          AutoAcknowledging<K, V> between = new AutoAcknowledging<>(loop, subscriber);
          start(loop, group, merged(loop, between, acks -> {}), between);
        });
  }

  Flux<ReceiverBatch<K, V>> batches(GroupSubscription group, int maxRecords, Duration maxWait) {
    int bound = group.commits().maxUnacknowledged();
    if (maxRecords < 1 || maxRecords > bound) {
      throw new IllegalArgumentException(
          "maxRecords must be between 1 and maxUnacknowledged, " + bound + ", not " + maxRecords);
    }
    if (maxWait.isNegative() || maxWait.isZero()) {
      throw new IllegalArgumentException("maxWait must be positive, not " + maxWait);
    }
    return flux(
        (loop, subscriber) -> {
          BatchCollector<K, V> between =
              new BatchCollector<>(loop, subscriber, maxRecords, maxWait);
          start(loop, group, merged(loop, between, between::drop), between);
        });
  }

  Flux<ConsumerRecord<K, V>> atMostOnce(GroupSubscription group) {
    return flux(
        (loop, subscriber) ->
            start(
                loop,
                group,
                consumption ->
                    new MergedOutlet<>(
                        loop,
                        subscriber,
                        consumption,
                        lane -> atMostOnceReader(lane, group, consumption),
                        (lane, plan) -> fetcher(loop, lane, plan, consumption),
                        acks -> {}),
                subscriber));
  }

  Flux<PartitionFlux<K, V>> partitions(GroupSubscription group) {
    return flux(
        (loop, subscriber) ->
            start(
                loop,
                group,
                consumption ->
                    new PartitionsOutlet<>(
                        loop,
                        subscriber,
                        consumption,
                        this::reader,
                        (lane, plan) -> fetcher(loop, lane, plan, consumption)),
                subscriber));
  }

  /** Begins a subscription in its loop. */
  private interface Starter<T> {
    void start(ThreadLoop loop, CoreSubscriber<? super T> subscriber);
  }

  private <T> Flux<T> flux(Starter<T> starter) {
    return new Flux<>() {
      @Override
      public void subscribe(CoreSubscriber<? super T> subscriber) {
        ThreadLoop loop;
        try {
          loop = cluster.threads().next();
        } catch (WeirException e) {
          Operators.error(subscriber, e);
          return;
        }
        starter.start(loop, subscriber);
      }
    };
  }

  private Function<GroupConsumption, GroupOutlet> merged(
      ThreadLoop loop,
      CoreSubscriber<? super ReceiverRecord<K, V>> subscriber,
      Consumer<PartitionAcks> onRemoved) {
    return consumption ->
        new MergedOutlet<>(
            loop,
            subscriber,
            consumption,
            this::reader,
            (lane, plan) -> fetcher(loop, lane, plan, consumption),
            onRemoved);
  }

  private <T> void start(
      ThreadLoop loop,
      GroupSubscription group,
      Function<GroupConsumption, GroupOutlet> outlets,
      CoreSubscriber<? super T> subscriber) {
    GroupConsumption[] self = new GroupConsumption[1];
    GroupConsumption consumption =
        new GroupConsumption(
            loop,
            settings,
            group,
            listener -> membership(group, listener),
            outlets,
            () -> subscriptions.remove(self[0]));
    self[0] = consumption;
    ConsumerControl control = group.control();
    if (control != null && !control.bind(consumption)) {
      Operators.error(subscriber, ConsumerControl.inUse());
      return;
    }
    subscriptions.add(consumption);
    subscriber.onSubscribe(consumption.subscription());
  }

  private GroupMember membership(GroupSubscription group, MemberListener listener) {
    PartitionLoop timer = cluster.threads().timer();
    return new GroupMembership(
        timer,
        cluster.time(),
        GroupChannel.opener(cluster, timer),
        group,
        GroupPatience.of(cluster, settings),
        new Backoff(new SplittableRandom()),
        listener);
  }

  private FrameReader<ReceiverRecord<K, V>> reader(GroupLane lane) {
    return new ReceiverReader<>(
        settings.keyDeserializer(), settings.valueDeserializer(), lane.acks());
  }

  private FrameReader<ConsumerRecord<K, V>> atMostOnceReader(
      GroupLane lane, GroupSubscription group, GroupConsumption consumption) {
    AtMostOnceReader<K, V> reader =
        new AtMostOnceReader<>(
            settings.keyDeserializer(),
            settings.valueDeserializer(),
            lane.acks(),
            group.commits().atMostOnceRecords(),
            consumption::commitSoon);
    lane.watchedBy(reader);
    return reader;
  }

  private PartitionFetcher fetcher(
      ThreadLoop loop, GroupLane lane, FetchPlan plan, PartitionFetcher.Reader reader) {
    return new PartitionFetcher(cluster, loop, plan, lane.target(), lane.start(), false, reader);
  }
}
