package dev.weir.broker.cli;

import dev.weir.core.error.WeirException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * The elements of a {@link Source} that may block, for one subscriber, exactly as many as it
 * requested. One thread of its own takes and emits ({@link #pump}); nothing is taken ahead of the
 * demand.
 *
 * <p>When the source fails, the publisher <em>completes</em> after the elements before, so that
 * they are delivered; {@link #failure} tells why.
 */
final class PumpedPublisher<T> implements Publisher<T>, Subscription {
  private final Source<T> source;
  private final AtomicLong demand = new AtomicLong();
  private final Object emission = new Object(); // signals are serial, stop() comes from anywhere
  private @Nullable Subscriber<? super T> subscriber;
  private volatile boolean over;
  private volatile @Nullable Thread pumping;
  private volatile @Nullable Exception failure;

  PumpedPublisher(Source<T> source) {
    this.source = source;
  }

  /** Why the elements ended before the source did. */
  @Nullable Exception failure() {
    return failure;
  }

  @Override
  public void subscribe(Subscriber<? super T> s) {
    synchronized (emission) {
      if (subscriber != null) {
        throw new IllegalStateException("only one subscriber can have the elements");
      }
      subscriber = s;
    }
    s.onSubscribe(this);
  }

  /** Starts a daemon thread that pumps: a blocked read must not keep the process. */
  void start(String threadName) {
    Thread thread = new Thread(this::pump, threadName);
    thread.setDaemon(true);
    thread.start();
  }

  /** Takes and emits until the source ends, the subscriber cancels or {@link #stop} is called. */
  void pump() {
    pumping = Thread.currentThread();
    while (!over) {
      if (demand.get() == 0) {
        LockSupport.park(this);
        continue;
      }
      try {
        if (emitWhatIsThere() && !over && !source.fill()) {
          stop();
        }
      } catch (IOException | WeirException e) {
        failure = e;
        stop();
      }
    }
  }

  /** Completes after the elements emitted so far; any thread, also while the source blocks. */
  void stop() {
    synchronized (emission) {
      if (!over && subscriber != null) {
        subscriber.onComplete();
      }
      over = true;
    }
    LockSupport.unpark(pumping);
  }

  @Override
  public void request(long n) {
    if (n <= 0) {
      throw new IllegalArgumentException("a request asks for at least one element: " + n);
    }
    if (demand.getAndAccumulate(n, PumpedPublisher::cappedSum) == 0) {
      LockSupport.unpark(pumping);
    }
  }

  @Override
  public void cancel() {
    over = true;
    LockSupport.unpark(pumping);
  }

  /** Returns whether the source had less than was wanted. */
  private boolean emitWhatIsThere() {
    long wanted = demand.get();
    long emitted = 0;
    boolean drained = false;
    synchronized (emission) {
      Subscriber<? super T> target = subscriber;
      while (emitted < wanted && !over && target != null) {
        @Nullable T element = source.poll();
        if (element == null) {
          drained = true;
          break;
        }
        emitted++;
        target.onNext(element);
      }
    }
    if (wanted != Long.MAX_VALUE) {
      demand.addAndGet(-emitted);
    }
    return drained;
  }

  private static long cappedSum(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }
}
