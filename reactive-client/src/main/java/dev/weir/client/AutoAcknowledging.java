package dev.weir.client;

import dev.weir.core.loop.PartitionLoop;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;

/**
 * Acknowledges records for a subscriber by what it asks for. Signals come in the loop; demand comes
 * on any thread.
 */
final class AutoAcknowledging<K, V> implements CoreSubscriber<ReceiverRecord<K, V>>, Subscription {
  private final PartitionLoop loop;
  private final CoreSubscriber<? super ReceiverRecord<K, V>> actual;
  private final AtomicLong demand = new AtomicLong(); // in all
  private final Queue<ReceiverRecord<K, V>> inHand = new ArrayDeque<>(); // at most its demand
  private @Nullable Subscription source;
  private volatile boolean cancelled;
  private long ahead; // asked for before the first record came
  private long taken; // records acknowledged

  AutoAcknowledging(PartitionLoop loop, CoreSubscriber<? super ReceiverRecord<K, V>> actual) {
    this.loop = loop;
    this.actual = actual;
  }

  @Override
  public reactor.util.context.Context currentContext() {
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
      demand.accumulateAndGet(n, Operators::addCap);
      if (loop.inLoop()) {
        settle();
      } else {
        ClientThreads.post(loop, this::settle);
      }
      if (source != null) {
        source.request(n);
      }
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
    if (ahead == 0) {
      ahead = demand.get();
    }
    if (demand.get() == Long.MAX_VALUE) {
      actual.onNext(record);
      if (!cancelled) {
        record.acknowledge();
      }
    } else {
      inHand.add(record);
      actual.onNext(record);
    }
  }

  @Override
  public void onError(Throwable error) {
    inHand.clear();
    actual.onError(error);
  }

  @Override
  public void onComplete() {
    inHand.clear();
    actual.onComplete();
  }

  /** One that asks in portions may do so when it begins the last record of a portion. */
  private void settle() {
    if (cancelled || ahead == 0) {
      return;
    }
    long asked = demand.get();
    long processed = asked == Long.MAX_VALUE ? asked : asked - ahead - (ahead > 1 ? 1 : 0);
    while (taken < processed) {
      ReceiverRecord<K, V> record = inHand.poll();
      if (record == null) {
        return;
      }
      record.acknowledge();
      taken++;
    }
  }
}
