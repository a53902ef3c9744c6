package dev.weir.client;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.loop.ThreadLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.publisher.Operators;

/**
 * One subscription: its partitions take turns, a frame each, as far as the subscriber asked. Owned
 * by its loop, which is also the thread that calls the subscriber.
 */
final class MergedSubscription<T> implements Subscription, PartitionFetcher.Reader {
  private final Cluster cluster;
  private final ThreadLoop loop;
  private final ConsumerSettings<?, ?> settings;
  private final Assignment assignment;
  private final FrameReader<T> reader;
  private final CoreSubscriber<? super T> subscriber;
  private final Runnable onEnd;
  private final AtomicLong requested = new AtomicLong();
  private final List<PartitionFetcher> fetchers = new ArrayList<>(); // those not done
  private @Nullable Disposable lookup;
  private @Nullable PartitionFetcher current; // whose first frame is open in the reader
  private volatile boolean cancelled;
  private boolean started;
  private boolean assigned;
  private boolean draining;
  private boolean over;
  private int turn;

  MergedSubscription(
      Cluster cluster,
      ThreadLoop loop,
      ConsumerSettings<?, ?> settings,
      Assignment assignment,
      FrameReader<T> reader,
      CoreSubscriber<? super T> subscriber,
      Runnable onEnd) {
    this.cluster = cluster;
    this.loop = loop;
    this.settings = settings;
    this.assignment = assignment;
    this.reader = reader;
    this.subscriber = subscriber;
    this.onEnd = onEnd;
  }

  @Override
  public void request(long n) {
    if (Operators.validate(n)) {
      requested.accumulateAndGet(n, Operators::addCap);
      if (!(loop.inLoop() && draining)) {
        ClientThreads.post(loop, this::onDemand);
      }
    }
  }

  @Override
  public void cancel() {
    cancelled = true;
    ClientThreads.post(loop, this::release);
  }

  /** Ends the subscription from the client's side. Any thread. */
  void close() {
    ClientThreads.post(
        loop, () -> fail(new WeirException(ErrorCode.CLOSED, "the client is closed")));
  }

  @Override
  public void onFrames(PartitionFetcher fetcher) {
    drain();
  }

  @Override
  public void onFailure(PartitionFetcher fetcher, WeirException reason) {
    // What was read before the failure is delivered first, as far as it was asked for.
    drain();
    fail(reason);
  }

  private void onDemand() {
    if (!started && !cancelled) {
      started = true;
      lookup =
          cluster
              .topics()
              .fresh(assignment.topic())
              .subscribe(
                  layout -> ClientThreads.post(loop, () -> assign(layout)),
                  error -> ClientThreads.post(loop, () -> fail(error)));
    }
    drain();
  }

  private void assign(TopicLayout layout) {
    if (over) {
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
        fetchers.add(
            new PartitionFetcher(
                cluster, loop, plan, layout.target(partition), start, assignment.untilEnd(), this));
      }
    }
    assigned = true;
    List.copyOf(fetchers).forEach(PartitionFetcher::open);
    drain();
  }

  private void drain() {
    if (draining || over) {
      return;
    }
    draining = true;
    try {
      while (!over && !cancelled && requested.get() > 0) {
        fetchers.forEach(PartitionFetcher::refill);
        if (!openFrame()) {
          break;
        }
        emit();
      }
      completeIfDone();
    } catch (RuntimeException e) {
      fail(e);
    } finally {
      draining = false;
    }
    if (cancelled) {
      release();
    }
  }

  /** Chooses the next partition that has a frame; true when one is open. */
  private boolean openFrame() {
    if (current != null) {
      return true;
    }
    for (int i = 0; i < fetchers.size(); i++) {
      turn = (turn + 1) % fetchers.size();
      PartitionFetcher fetcher = fetchers.get(turn);
      Frame frame = fetcher.first();
      if (frame != null) {
        reader.open(fetcher.partition(), frame, fetcher.endExclusive());
        current = fetcher;
        return true;
      }
    }
    return false;
  }

  /** Emits from the open frame while there is demand; closes it at its end. */
  private void emit() {
    long wanted = requested.get();
    long emitted = 0;
    while (!cancelled) {
      if (emitted == wanted) {
        wanted = requested.get();
        if (emitted == wanted) {
          break;
        }
      }
      T next = reader.next();
      if (next == null) {
        if (current != null) {
          current.removeFirst();
          current = null;
        }
        break;
      }
      subscriber.onNext(next);
      emitted++;
    }
    if (wanted != Long.MAX_VALUE) {
      requested.addAndGet(-emitted);
    }
  }

  private void completeIfDone() {
    if (!assigned || over || cancelled || !assignment.untilEnd()) {
      return;
    }
    fetchers.removeIf(
        fetcher -> {
          boolean done = fetcher != current && fetcher.isDone();
          if (done) {
            fetcher.close();
          }
          return done;
        });
    if (fetchers.isEmpty()) {
      release();
      subscriber.onComplete();
    }
  }

  private void fail(Throwable error) {
    if (!over) {
      boolean tell = !cancelled;
      release();
      if (tell) {
        subscriber.onError(error);
      }
    }
  }

  private void release() {
    if (!over) {
      over = true;
      if (lookup != null) {
        lookup.dispose();
      }
      fetchers.forEach(PartitionFetcher::close);
      fetchers.clear();
      current = null;
      reader.close();
      onEnd.run();
    }
  }
}
