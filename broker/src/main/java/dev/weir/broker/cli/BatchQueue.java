package dev.weir.broker.cli;

import dev.weir.client.ConsumerBatch;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

/**
 * Batches on their way from the client's thread to the thread that prints. At most {@link #WINDOW}
 * are requested and not yet taken, so a slow output slows the broker's reads down.
 */
final class BatchQueue extends BaseSubscriber<ConsumerBatch> {
  static final int WINDOW = 16;

  private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();

  /** What comes out of the queue. */
  sealed interface Signal {}

  /** Take {@link #more} after it. */
  record Batch(ConsumerBatch batch) implements Signal {}

  /**
   * Nothing follows.
   *
   * @param error why, or null when everything was read or reading was stopped
   */
  record End(@Nullable Throwable error) implements Signal {}

  @Nullable Signal poll() {
    return signals.poll();
  }

  @Nullable Signal poll(Duration longest) throws InterruptedException {
    return signals.poll(longest.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** One batch was taken: asks for another. */
  void more() {
    request(1);
  }

  /** Ends the subscription; an {@link End} follows what is in the queue. Any thread. */
  void stop() {
    cancel();
  }

  @Override
  protected void hookOnSubscribe(Subscription subscription) {
    request(WINDOW);
  }

  @Override
  protected void hookOnNext(ConsumerBatch batch) {
    signals.add(new Batch(batch));
  }

  @Override
  protected void hookOnComplete() {
    signals.add(new End(null));
  }

  @Override
  protected void hookOnError(Throwable error) {
    signals.add(new End(error));
  }

  @Override
  protected void hookOnCancel() {
    signals.add(new End(null));
  }
}
