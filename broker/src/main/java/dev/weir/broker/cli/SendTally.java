package dev.weir.broker.cli;

import dev.weir.client.SendResult;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.SignalType;

/** Counts the results of a send; after the first failed record it stops the sending. */
final class SendTally<C> extends BaseSubscriber<SendResult<C>> {
  private final Runnable stopSending;
  private final AtomicLong acknowledged = new AtomicLong(); // written by one thread
  private final AtomicLong failed = new AtomicLong();
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile @Nullable SendResult<C> firstFailed;
  private volatile @Nullable Throwable streamError;

  SendTally(Runnable stopSending) {
    this.stopSending = stopSending;
  }

  long acknowledged() {
    return acknowledged.get();
  }

  long failed() {
    return failed.get();
  }

  @Nullable SendResult<C> firstFailed() {
    return firstFailed;
  }

  @Nullable Throwable streamError() {
    return streamError;
  }

  /** Waits until every record taken has its result; false when that takes longer. */
  boolean await(Duration longest) throws InterruptedException {
    return ended.await(longest.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  protected void hookOnNext(SendResult<C> result) {
    if (result.error() == null) {
      acknowledged.lazySet(acknowledged.get() + 1);
      return;
    }
    failed.incrementAndGet();
    if (firstFailed == null) {
      firstFailed = result;
      stopSending.run();
    }
  }

  @Override
  protected void hookOnError(Throwable error) {
    streamError = error;
  }

  @Override
  protected void hookFinally(SignalType type) {
    ended.countDown();
  }
}
