package dev.weir.broker.produce;

import dev.weir.broker.partition.AppendCounters;
import dev.weir.broker.route.CreditWindow;
import dev.weir.broker.route.Draining;
import dev.weir.broker.route.Throttle;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.ProduceHeader;
import dev.weir.replication.ProduceOutcome;
import dev.weir.transport.rsocket.InboundMessage;
import dev.weir.transport.rsocket.OutboundMessage;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;

/**
 * A producer's pipeline: batches come on the event loop, results leave from partition loops in any
 * order. Completes when the producer has completed, or the broker drains, or the credits of one
 * channel are used up, and every batch is answered; then the producer opens another. A bad batch
 * fails itself alone.
 */
final class ProduceChannel extends BaseSubscriber<InboundMessage> {
  private static final int NOT_HELD = -1;

  private final BatchIntake intake;
  private final AppendCounters counters;
  private final CreditWindow window;

  /** Unanswered batches, plus one while more may come: whoever brings it to zero completes. */
  private final AtomicInteger unfinished = new AtomicInteger(1);

  private final AtomicBoolean inputEnded = new AtomicBoolean();
  private @Nullable FluxSink<OutboundMessage> results;

  ProduceChannel(BatchIntake intake, AppendCounters counters, CreditWindow window) {
    this.intake = intake;
    this.counters = counters;
    this.window = window;
  }

  void start(Flux<InboundMessage> batches, FluxSink<OutboundMessage> sink, Draining draining) {
    results = sink;
    Draining.Registration registration = draining.onDrain(this::stopInput);
    sink.onDispose(
        () -> {
          registration.cancel();
          cancel();
        });
    batches.subscribe(this);
  }

  /** A result has left for the producer. */
  void onDelivered() {
    window.onDelivered();
    topUp();
  }

  @Override
  protected void hookOnSubscribe(Subscription subscription) {
    topUp();
  }

  @Override
  protected void hookOnNext(InboundMessage message) {
    int bytes = message.sizeInBytes();
    boolean held = window.onArrived(bytes);
    unfinished.incrementAndGet();
    Batch batch = new Batch(held ? bytes : NOT_HELD);
    try {
      ProduceHeader header = BatchIntake.header(message);
      batch.correlationId = header.getCorrelationId();
      if (!held) {
        throw window.overloaded();
      }
      BatchIntake.append(
          intake.partition(header),
          BatchIntake.acks(header),
          message,
          batch::release,
          batch::answer);
    } catch (WeirException e) {
      message.close();
      batch.release(false);
      batch.answer(ProduceOutcome.Failed.of(e));
    }
    if (window.isSpent()) {
      endInput();
    }
  }

  @Override
  protected void hookOnComplete() {
    endInput();
  }

  @Override
  protected void hookOnError(Throwable failure) {
    endInput(); // the connection is going; what is in the log stays there
  }

  /** The broker goes down: what is here is answered, nothing more is taken. */
  private void stopInput() {
    cancel();
    endInput();
  }

  private void endInput() {
    if (inputEnded.compareAndSet(false, true)) {
      finishOne();
    }
  }

  private void finishOne() {
    if (unfinished.decrementAndGet() == 0) {
      results().complete();
    }
  }

  private FluxSink<OutboundMessage> results() {
    return Objects.requireNonNull(results);
  }

  private void topUp() {
    int credits = window.take();
    if (credits > 0) {
      request(credits);
    }
  }

  /** Its calls come one after the other: on the event loop when refused, or in its loop. */
  private final class Batch {
    private final int bytes;
    private long correlationId;
    private boolean waitsForPartition;
    private boolean answered;

    Batch(int bytes) {
      this.bytes = bytes;
    }

    void release(boolean behind) {
      if (bytes == NOT_HELD) {
        return;
      }
      if (behind && !answered) {
        waitsForPartition = true;
        window.onReleasedBehind(bytes);
      } else {
        window.onReleased(bytes);
      }
      topUp();
    }

    void answer(ProduceOutcome outcome) {
      answered = true;
      if (waitsForPartition) {
        window.onCaughtUp();
      }
      if (outcome instanceof ProduceOutcome.Failed failed) {
        counters.onRefused(failed.code());
      } else {
        counters.onAcknowledged();
      }
      Throttle throttle = window.throttle();
      counters.onThrottle(throttle);
      results().next(ProduceResults.of(correlationId, outcome, throttle, window.granted()));
      topUp();
      finishOne();
    }
  }
}
