package dev.weir.client;

import dev.weir.core.loop.PartitionLoop;
import dev.weir.core.topic.TopicPartition;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;

/** Each of a member's partitions to a subscriber of its own. */
final class PartitionsOutlet<K, V> implements GroupOutlet, Subscription {
  private final PartitionLoop loop;
  private final CoreSubscriber<? super PartitionFlux<K, V>> subscriber;
  private final Delivery.Owner owner;
  private final Function<GroupLane, FrameReader<ReceiverRecord<K, V>>> readers;
  private final MergedOutlet.FetcherSource fetchers;
  private final AtomicLong requested = new AtomicLong();
  private final Map<GroupLane, Inner> open = new LinkedHashMap<>();
  private final Queue<Inner> waiting = new ArrayDeque<>(); // not handed out yet; at most open ones
  private volatile boolean cancelled;
  private boolean paused;
  private boolean over;

  PartitionsOutlet(
      PartitionLoop loop,
      CoreSubscriber<? super PartitionFlux<K, V>> subscriber,
      Delivery.Owner owner,
      Function<GroupLane, FrameReader<ReceiverRecord<K, V>>> readers,
      MergedOutlet.FetcherSource fetchers) {
    this.loop = loop;
    this.subscriber = subscriber;
    this.owner = owner;
    this.readers = readers;
    this.fetchers = fetchers;
  }

  @Override
  public Subscription subscription() {
    return this;
  }

  @Override
  public void request(long n) {
    if (Operators.validate(n)) {
      requested.accumulateAndGet(n, Operators::addCap);
      ClientThreads.post(
          loop,
          () -> {
            owner.onDemand();
            handOut();
          });
    }
  }

  @Override
  public void cancel() {
    cancelled = true;
    ClientThreads.post(loop, owner::onCancel);
  }

  @Override
  public void add(GroupLane lane, FetchPlan plan) {
    Inner inner = new Inner(lane, plan);
    open.put(lane, inner);
    waiting.add(inner);
    handOut();
  }

  @Override
  public void remove(GroupLane lane) {
    Inner inner = open.remove(lane);
    if (inner != null) {
      waiting.remove(inner);
      inner.end(null);
    }
  }

  @Override
  public void deliver(GroupLane lane) {
    Inner inner = open.get(lane);
    if (inner != null && inner.delivery != null) {
      inner.delivery.deliver();
    }
  }

  @Override
  public void restart(GroupLane lane) {
    Inner inner = open.get(lane);
    if (inner != null && inner.reading != null) {
      inner.reading.seek(lane.start());
    }
  }

  @Override
  public void replan(FetchPlan plan) {
    for (Inner inner : open.values()) {
      inner.plan = plan;
      if (inner.reading != null) {
        inner.reading.fetcher().replan(plan);
      }
    }
  }

  @Override
  public void pause(boolean wanted) {
    paused = wanted;
    for (Inner inner : new ArrayDeque<>(open.values())) {
      if (inner.delivery != null) {
        inner.delivery.pause(wanted);
      }
    }
  }

  @Override
  public void end(@Nullable Throwable reason) {
    if (over) {
      return;
    }
    over = true;
    waiting.clear();
    Throwable told = reason != null ? reason : ConsumerControl.notRunning();
    for (Inner inner : new ArrayDeque<>(open.values())) {
      inner.end(told);
    }
    open.clear();
    if (reason != null && !cancelled) {
      subscriber.onError(reason);
    }
  }

  private void handOut() {
    while (!over && !cancelled && requested.get() > 0) {
      Inner next = waiting.poll();
      if (next == null) {
        return;
      }
      if (requested.get() != Long.MAX_VALUE) {
        requested.decrementAndGet();
      }
      subscriber.onNext(next);
    }
  }

  /** One partition. Its fields belong to the loop. */
  private final class Inner extends PartitionFlux<K, V> implements Delivery.Owner {
    private final GroupLane lane;
    private final AtomicBoolean subscribed = new AtomicBoolean();
    private FetchPlan plan;
    private @Nullable Delivery<ReceiverRecord<K, V>> delivery;
    private @Nullable Lane<ReceiverRecord<K, V>> reading;
    private boolean closed;
    private @Nullable Throwable reason; // null: the partition was taken back

    Inner(GroupLane lane, FetchPlan plan) {
      this.lane = lane;
      this.plan = plan;
    }

    @Override
    public TopicPartition partition() {
      return lane.target().name();
    }

    @Override
    public void subscribe(CoreSubscriber<? super ReceiverRecord<K, V>> actual) {
      if (!subscribed.compareAndSet(false, true)) {
        Operators.error(
            actual, new IllegalStateException(partition() + " has had its subscriber already"));
        return;
      }
      Delivery<ReceiverRecord<K, V>> made = new Delivery<>(loop, actual, this);
      actual.onSubscribe(made);
      if (!ClientThreads.post(loop, () -> attach(made))) {
        actual.onError(ClientThreads.clientClosed());
      }
    }

    private void attach(Delivery<ReceiverRecord<K, V>> made) {
      delivery = made;
      made.pause(paused);
      if (closed) {
        finish(made);
      } else {
        made.begin();
      }
    }

    void end(@Nullable Throwable why) {
      if (!closed) {
        closed = true;
        reason = why;
        if (delivery != null) {
          finish(delivery);
        }
      }
    }

    private void finish(Delivery<ReceiverRecord<K, V>> ended) {
      if (reason == null) {
        ended.complete();
      } else {
        ended.fail(reason);
      }
    }

    @Override
    public void onDemand() {
      Delivery<ReceiverRecord<K, V>> to = delivery;
      if (reading == null && to != null && !closed) {
        reading = new Lane<>(fetchers.fetcher(lane, plan), readers.apply(lane));
        to.add(reading);
        reading.fetcher().open();
      }
    }

    @Override
    public void onDelivered() {
      owner.onDelivered();
    }

    @Override
    public void onCancel() {
      if (delivery != null) {
        delivery.close();
      }
      closed = true;
    }

    @Override
    public void onBroken(RuntimeException broken) {
      owner.onBroken(broken);
    }
  }
}
