package dev.weir.transport.rsocket;

import io.rsocket.Payload;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/**
 * What the peer sends on a channel. The first message is asked for at once, because it says where
 * the channel goes; everything comes to the one subscriber, first included, at the rate it asks
 * for.
 *
 * <p>Signals come from any thread; whoever raises {@code pending} from zero delivers.
 */
final class ChannelIntake extends Flux<InboundMessage>
    implements CoreSubscriber<Payload>, Subscription {
  private final MetadataFormat format;
  private final AtomicBoolean subscribed = new AtomicBoolean();
  private final AtomicInteger pending = new AtomicInteger();
  private final AtomicLong demand = new AtomicLong();
  private final AtomicReference<@Nullable InboundMessage> first = new AtomicReference<>();
  private @Nullable Throwable firstFailure;
  private @Nullable Subscription upstream;
  private volatile @Nullable CoreSubscriber<? super InboundMessage> actual;
  private volatile boolean cancelled;
  private volatile boolean done;
  private @Nullable Throwable error;

  // Owned by whoever delivers.
  private boolean firstDelivered;
  private boolean terminated;

  ChannelIntake(MetadataFormat format) {
    this.format = format;
  }

  /**
   * The first message, for looking at; null when the channel ended without one or it was malformed.
   */
  @Nullable InboundMessage first() {
    return first.get();
  }

  @Nullable Throwable firstFailure() {
    return firstFailure;
  }

  @Override
  public void onSubscribe(Subscription subscription) {
    if (Operators.validate(upstream, subscription)) {
      upstream = subscription;
      subscription.request(1);
    }
  }

  @Override
  public void onNext(Payload payload) {
    if (done || cancelled) {
      payload.release();
      return;
    }
    InboundMessage message;
    try {
      message = PayloadMessage.ofRequest(payload, format);
    } catch (RuntimeException e) {
      firstFailure = e;
      if (upstream != null) {
        upstream.cancel();
      }
      onError(e);
      return;
    }
    CoreSubscriber<? super InboundMessage> to = actual;
    if (to == null) {
      first.set(message);
      if (cancelled) {
        dropFirst();
      }
    } else {
      to.onNext(message);
    }
  }

  @Override
  public void onError(Throwable failure) {
    if (!done) {
      error = failure;
      done = true;
      signal();
    }
  }

  @Override
  public void onComplete() {
    done = true;
    signal();
  }

  @Override
  public void subscribe(CoreSubscriber<? super InboundMessage> subscriber) {
    if (!subscribed.compareAndSet(false, true)) {
      Operators.error(
          subscriber, new IllegalStateException("a channel's messages have one subscriber"));
      return;
    }
    actual = subscriber;
    subscriber.onSubscribe(this);
    signal();
  }

  @Override
  public void request(long n) {
    if (Operators.validate(n)) {
      demand.accumulateAndGet(n, Operators::addCap);
      signal();
    }
  }

  @Override
  public void cancel() {
    cancelled = true;
    if (upstream != null) {
      upstream.cancel();
    }
    dropFirst();
  }

  /** The answers have ended: nobody will subscribe any more. */
  void abandon() {
    if (subscribed.compareAndSet(false, true)) {
      cancel();
    }
  }

  private void dropFirst() {
    InboundMessage message = first.getAndSet(null);
    if (message != null) {
      message.close();
    }
  }

  private void signal() {
    if (pending.getAndIncrement() != 0) {
      return;
    }
    int missed = 1;
    do {
      CoreSubscriber<? super InboundMessage> to = actual;
      if (to != null && !terminated && !cancelled) {
        deliver(to);
      }
      missed = pending.addAndGet(-missed);
    } while (missed != 0);
  }

  private void deliver(CoreSubscriber<? super InboundMessage> to) {
    long wanted = demand.getAndSet(0);
    if (!firstDelivered) {
      if (wanted > 0) {
        firstDelivered = true;
        InboundMessage message = first.getAndSet(null);
        if (message != null) {
          to.onNext(message);
          wanted = wanted == Long.MAX_VALUE ? wanted : wanted - 1;
        }
      } else if (first.get() != null) {
        return;
      }
    }
    if (wanted > 0 && !cancelled && upstream != null) {
      upstream.request(wanted);
    }
    if (done && !cancelled) {
      terminated = true;
      Throwable failure = error;
      if (failure == null) {
        to.onComplete();
      } else {
        to.onError(
            failure instanceof CancellationException ? failure : WireErrors.fromWire(failure));
      }
    }
  }
}
