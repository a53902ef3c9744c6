package dev.weir.broker.cli;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

/**
 * What arrives, on its way from the client's thread to the thread that prints. At most a window is
 * requested and not yet taken, so a slow output slows the broker's reads down.
 */
final class ArrivalQueue<T> extends BaseSubscriber<T> {
  private final BlockingQueue<Signal<T>> signals = new LinkedBlockingQueue<>();
  private final int window;
  private final int portion; // what is asked for at a time
  private int taken; // since the last time; of the thread that prints

  ArrivalQueue(int window) {
    this.window = window;
    this.portion = Math.max(1, window / 16);
  }

  /** What comes out of the queue. */
  sealed interface Signal<T> {}

  /** Take {@link #more} after it. */
  record Arrival<T>(T what) implements Signal<T> {}

  /**
   * Nothing follows.
   *
   * @param error why, or null when everything was read or reading was stopped
   */
  record End<T>(@Nullable Throwable error) implements Signal<T> {}

  @Nullable Signal<T> poll() {
    return signals.poll();
  }

  @Nullable Signal<T> poll(Duration longest) throws InterruptedException {
    return signals.poll(longest.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** One arrival was taken: asks for more in time. */
  void more() {
    if (++taken == portion) {
      taken = 0;
      request(portion);
    }
  }

  /** Has an {@link End} follow what is in the queue; the subscription goes on. Any thread. */
  void end() {
    signals.add(new End<>(null));
  }

  /** Ends the subscription; an {@link End} follows what is in the queue. Any thread. */
  void stop() {
    cancel();
  }

  @Override
  protected void hookOnSubscribe(Subscription subscription) {
    request(window);
  }

  @Override
  protected void hookOnNext(T what) {
    signals.add(new Arrival<>(what));
  }

  @Override
  protected void hookOnComplete() {
    signals.add(new End<>(null));
  }

  @Override
  protected void hookOnError(Throwable error) {
    signals.add(new End<>(error));
  }

  @Override
  protected void hookOnCancel() {
    signals.add(new End<>(null));
  }
}
