package dev.weir.client;

import dev.weir.core.loop.PartitionLoop;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;

/** All of a member's partitions to one subscriber. */
final class MergedOutlet<T> implements GroupOutlet {
  private final Delivery<T> delivery;
  private final Function<GroupLane, FrameReader<T>> readers;
  private final FetcherSource fetchers;
  private final Consumer<PartitionAcks> onRemoved;
  private final Map<GroupLane, Lane<T>> lanes = new HashMap<>();

  /** Makes the fetcher of a partition. */
  interface FetcherSource {
    PartitionFetcher fetcher(GroupLane lane, FetchPlan plan);
  }

  /**
   * @param onRemoved told when a partition is not delivered any more
   */
  MergedOutlet(
      PartitionLoop loop,
      CoreSubscriber<? super T> subscriber,
      Delivery.Owner owner,
      Function<GroupLane, FrameReader<T>> readers,
      FetcherSource fetchers,
      Consumer<PartitionAcks> onRemoved) {
    this.delivery = new Delivery<>(loop, subscriber, owner);
    this.readers = readers;
    this.fetchers = fetchers;
    this.onRemoved = onRemoved;
  }

  @Override
  public Subscription subscription() {
    return delivery;
  }

  @Override
  public void add(GroupLane lane, FetchPlan plan) {
    Lane<T> added = new Lane<>(fetchers.fetcher(lane, plan), readers.apply(lane));
    lanes.put(lane, added);
    delivery.add(added);
    added.fetcher().open();
  }

  @Override
  public void remove(GroupLane lane) {
    Lane<T> removed = lanes.remove(lane);
    if (removed != null) {
      delivery.remove(removed);
      onRemoved.accept(lane.acks());
    }
  }

  @Override
  public void deliver(GroupLane lane) {
    delivery.deliver();
  }

  @Override
  public void restart(GroupLane lane) {
    Lane<T> moved = lanes.get(lane);
    if (moved != null) {
      moved.seek(lane.start());
      onRemoved.accept(lane.acks());
    }
  }

  @Override
  public void replan(FetchPlan plan) {
    lanes.values().forEach(lane -> lane.fetcher().replan(plan));
  }

  @Override
  public void pause(boolean wanted) {
    delivery.pause(wanted);
  }

  @Override
  public void end(@Nullable Throwable reason) {
    if (reason == null) {
      delivery.close();
    } else {
      delivery.fail(reason);
    }
  }
}
