package dev.weir.client;

import dev.weir.core.loop.PartitionLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * Gathers records into batches: a batch goes when it is full, or when its first record has waited
 * long enough, and somebody has asked for one. Holds one batch at most. Signals come in the loop;
 * demand comes on any thread.
 */
final class BatchCollector<K, V> implements CoreSubscriber<ReceiverRecord<K, V>>, Subscription {
  private final PartitionLoop loop;
  private final CoreSubscriber<? super ReceiverBatch<K, V>> actual;
  private final int maxRecords;
  private final Duration maxWait;
  private final AtomicLong requested = new AtomicLong();
  private final List<ReceiverRecord<K, V>> gathered = new ArrayList<>();
  private @Nullable Subscription source;
  private PartitionLoop.@Nullable Timer timer;
  private volatile boolean cancelled;
  private boolean waitedLongEnough;
  private boolean emitting;
  private int credit; // records asked for and not here yet
  private boolean over;

  BatchCollector(
      PartitionLoop loop,
      CoreSubscriber<? super ReceiverBatch<K, V>> actual,
      int maxRecords,
      Duration maxWait) {
    this.loop = loop;
    this.actual = actual;
    this.maxRecords = maxRecords;
    this.maxWait = maxWait;
  }

  @Override
  public Context currentContext() {
    return actual.currentContext();
  }

  @Override
  public void onSubscribe(Subscription subscription) {
    source = subscription;
    actual.onSubscribe(this);
  }

  @Override
  public void request(long n) {
    if (Operators.validate(n)) {
      requested.accumulateAndGet(n, Operators::addCap);
      ClientThreads.post(loop, this::advance);
    }
  }

  @Override
  public void cancel() {
    cancelled = true;
    if (source != null) {
      source.cancel();
    }
  }

  @Override
  public void onNext(ReceiverRecord<K, V> record) {
    credit--;
    if (gathered.isEmpty()) {
      timer = loop.schedule(maxWait, this::onWaited);
    }
    gathered.add(record);
    if (gathered.size() == maxRecords) {
      advance();
    }
  }

  @Override
  public void onError(Throwable error) {
    end();
    actual.onError(error);
  }

  @Override
  public void onComplete() {
    end();
    actual.onComplete();
  }

  /** A partition is taken away: its records here were never handed out. */
  void drop(PartitionAcks acks) {
    for (ReceiverRecord<K, V> record : gathered) {
      if (record.acks() == acks) {
        record.takeBack();
        break; // with all that follow in its partition
      }
    }
    gathered.removeIf(record -> record.acks() == acks);
    if (gathered.isEmpty()) {
      stopTimer();
    }
    ClientThreads.post(loop, this::advance);
  }

  private void onWaited() {
    waitedLongEnough = true;
    advance();
  }

  private void advance() {
    if (emitting) {
      return;
    }
    emitting = true;
    try {
      while (!over
          && !cancelled
          && requested.get() > 0
          && (gathered.size() == maxRecords || (waitedLongEnough && !gathered.isEmpty()))) {
        stopTimer();
        ReceiverBatch<K, V> batch = new ReceiverBatch<>(gathered);
        gathered.clear();
        if (requested.get() != Long.MAX_VALUE) {
          requested.decrementAndGet();
        }
        actual.onNext(batch);
      }
    } finally {
      emitting = false;
    }
    int missing = maxRecords - gathered.size() - credit;
    if (!over && !cancelled && requested.get() > 0 && missing > 0 && source != null) {
      credit += missing;
      source.request(missing);
    }
  }

  private void stopTimer() {
    waitedLongEnough = false;
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  private void end() {
    over = true;
    stopTimer();
    gathered.clear();
  }
}
