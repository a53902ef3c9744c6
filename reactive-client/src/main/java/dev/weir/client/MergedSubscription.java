package dev.weir.client;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.loop.ThreadLoop;
import dev.weir.core.topic.TopicPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** One subscription to partitions that were chosen by the application. Owned by its loop. */
final class MergedSubscription<T>
    implements OpenSubscription, Delivery.Owner, PartitionFetcher.Reader, ConsumerControl.Target {
  private final Cluster cluster;
  private final ThreadLoop loop;
  private final ConsumerSettings<?, ?> settings;
  private final Assignment assignment;
  private final Supplier<FrameReader<T>> readers;
  private final Delivery<T> delivery;
  private final Runnable onEnd;
  private @Nullable Disposable lookup;
  private boolean started;
  private boolean assigned;

  MergedSubscription(
      Cluster cluster,
      ThreadLoop loop,
      ConsumerSettings<?, ?> settings,
      Assignment assignment,
      Supplier<FrameReader<T>> readers,
      CoreSubscriber<? super T> subscriber,
      Runnable onEnd) {
    this.cluster = cluster;
    this.loop = loop;
    this.settings = settings;
    this.assignment = assignment;
    this.readers = readers;
    this.delivery = new Delivery<>(loop, subscriber, this);
    this.onEnd = onEnd;
  }

  /** What the subscriber gets. */
  Subscription subscription() {
    return delivery;
  }

  @Override
  public Mono<Void> close() {
    ClientThreads.post(
        loop, () -> fail(new WeirException(ErrorCode.CLOSED, "the client is closed")));
    return Mono.empty();
  }

  @Override
  public Mono<Void> seek(TopicPartition partition, StartingPosition position) {
    return Mono.create(
        sink -> {
          Runnable seek =
              () -> {
                Lane<T> lane = laneOf(partition);
                if (lane == null) {
                  sink.error(
                      new WeirException(
                          ErrorCode.NOT_OWNER, partition + " is not read by this subscription"));
                } else {
                  lane.seek(position);
                  sink.success();
                }
              };
          if (!ClientThreads.post(loop, seek)) {
            sink.error(ConsumerControl.notRunning());
          }
        });
  }

  @Override
  public Mono<Void> commit() {
    return Mono.error(
        new WeirException(
            ErrorCode.INVALID_REQUEST, "partitions assigned without a group have no commits"));
  }

  @Override
  public Mono<List<PartitionProgress>> progress() {
    return Mono.create(
        sink -> {
          if (!ClientThreads.post(loop, () -> sink.success(progressNow()))) {
            sink.error(ConsumerControl.notRunning());
          }
        });
  }

  @Override
  public void onFrames(PartitionFetcher fetcher) {
    delivery.deliver();
  }

  @Override
  public void onFailure(PartitionFetcher fetcher, WeirException reason) {
    // What was read before the failure is delivered first, as far as it was asked for.
    delivery.deliver();
    fail(reason);
  }

  @Override
  public void onDemand() {
    if (!started) {
      started = true;
      lookup =
          cluster
              .topics()
              .fresh(assignment.topic())
              .subscribe(
                  layout -> ClientThreads.post(loop, () -> assign(layout)),
                  error -> ClientThreads.post(loop, () -> fail(error)));
    }
  }

  @Override
  public void onDelivered() {
    if (assigned && assignment.untilEnd() && delivery.removeIf(Lane::isDone)) {
      release();
      delivery.complete();
    }
  }

  @Override
  public void onCancel() {
    release();
    delivery.close();
  }

  @Override
  public void onBroken(RuntimeException reason) {
    fail(reason);
  }

  private void assign(TopicLayout layout) {
    if (delivery.isOver()) {
      return;
    }
    Map<Integer, StartingPosition> chosen = assignment.partitions();
    int count = chosen.isEmpty() ? layout.partitionCount() : chosen.size();
    FetchPlan plan = FetchPlan.of(settings, count);
    try {
      for (int partition : chosen.keySet()) {
        PartitionLookup.requirePartition(layout, partition);
      }
    } catch (WeirException e) {
      fail(e);
      return;
    }
    for (int partition = 0; partition < layout.partitionCount(); partition++) {
      if (chosen.isEmpty() || chosen.containsKey(partition)) {
        StartingPosition start = chosen.getOrDefault(partition, assignment.from());
        PartitionFetcher fetcher =
            new PartitionFetcher(
                cluster, loop, plan, layout.target(partition), start, assignment.untilEnd(), this);
        delivery.add(new Lane<>(fetcher, readers.get()));
      }
    }
    assigned = true;
    List.copyOf(delivery.lanes()).forEach(lane -> lane.fetcher().open());
    delivery.deliver();
  }

  private @Nullable Lane<T> laneOf(TopicPartition partition) {
    for (Lane<T> lane : delivery.lanes()) {
      if (lane.fetcher().partition().isOf(partition)) {
        return lane;
      }
    }
    return null;
  }

  private List<PartitionProgress> progressNow() {
    List<PartitionProgress> progress = new ArrayList<>();
    for (Lane<T> lane : delivery.lanes()) {
      PartitionFetcher fetcher = lane.fetcher();
      progress.add(
          new PartitionProgress(
              fetcher.partition().name(), fetcher.position(), -1, 0, 0, false, false));
    }
    return List.copyOf(progress);
  }

  private void fail(Throwable error) {
    release();
    delivery.fail(error);
  }

  private void release() {
    if (!delivery.isOver()) {
      if (lookup != null) {
        lookup.dispose();
      }
      onEnd.run();
    }
  }
}
