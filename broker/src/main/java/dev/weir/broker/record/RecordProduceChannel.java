package dev.weir.broker.record;

import dev.weir.broker.partition.AppendCounters;
import dev.weir.broker.route.CreditWindow;
import dev.weir.broker.route.Draining;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.replication.RequiredAcks;
import dev.weir.transport.rsocket.InboundMessage;
import dev.weir.transport.rsocket.OutboundMessage;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;

/**
 * A stream of records in and of their offsets out, in the order of the records. The first record
 * that fails ends the channel with its error, after the answers of those before it; later ones may
 * be stored or not. When the credits of one channel are used up it ends with RESUBSCRIBE, after all
 * answers.
 */
final class RecordProduceChannel extends BaseSubscriber<InboundMessage> {
  private static final int NOT_HELD = -1;

  private final Function<InboundMessage, RecordIntake.Placed> intake;
  private final AppendCounters counters;
  private final CreditWindow window;
  private @Nullable FluxSink<OutboundMessage> results;

  // Guarded by this: records are added by the event loop and answered by partition loops.
  private final Deque<Pending> pending = new ArrayDeque<>();
  private @Nullable WeirException ending;
  private boolean inputEnded;
  private boolean ended;

  RecordProduceChannel(
      Function<InboundMessage, RecordIntake.Placed> intake,
      AppendCounters counters,
      CreditWindow window) {
    this.intake = intake;
    this.counters = counters;
    this.window = window;
  }

  void start(Flux<InboundMessage> records, FluxSink<OutboundMessage> sink, Draining draining) {
    results = sink;
    Draining.Registration registration =
        draining.onDrain(
            () -> {
              cancel();
              endInput(new WeirException(ErrorCode.SHUTTING_DOWN, "the broker is shutting down"));
            });
    sink.onDispose(
        () -> {
          registration.cancel();
          cancel();
        });
    records.subscribe(this);
  }

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
    take(message);
    if (window.isSpent()) {
      endInput(
          new WeirException(
              ErrorCode.RESUBSCRIBE,
              "this channel has lasted long enough, all its records are answered; send those that"
                  + " follow on another"));
    }
  }

  private void take(InboundMessage message) {
    Pending record = new Pending();
    synchronized (this) {
      pending.add(record);
    }
    RecordIntake.Placed placed;
    try (message) {
      placed = intake.apply(message);
    } catch (WeirException e) {
      record.answer(window.onArrived(0) ? 0 : NOT_HELD, -1, e);
      return;
    }
    int bytes = placed.record().cost();
    record.partition = placed.number();
    if (!window.onArrived(bytes)) {
      record.answer(NOT_HELD, -1, window.overloaded());
      return;
    }
    try {
      placed.append(RequiredAcks.ALL, (offset, failure) -> record.answer(bytes, offset, failure));
    } catch (WeirException e) {
      record.answer(bytes, -1, e);
    }
  }

  @Override
  protected void hookOnComplete() {
    endInput(null);
  }

  @Override
  protected void hookOnError(Throwable failure) {
    endInput(null);
  }

  private void endInput(@Nullable WeirException reason) {
    synchronized (this) {
      if (inputEnded) {
        return;
      }
      inputEnded = true;
      ending = reason;
    }
    emitAnswered();
  }

  /** Passes on what is answered at the head of the line; under the lock, so that order is kept. */
  private synchronized void emitAnswered() {
    FluxSink<OutboundMessage> sink = Objects.requireNonNull(results);
    while (!ended && !pending.isEmpty() && pending.element().answered) {
      Pending head = pending.remove();
      if (head.failure != null) {
        ended = true;
        sink.error(head.failure);
      } else {
        sink.next(OutboundMessage.of(RecordEntryWriter.answer(head.partition, head.offset)));
      }
    }
    if (!ended && inputEnded && pending.isEmpty()) {
      ended = true;
      if (ending == null) {
        sink.complete();
      } else {
        sink.error(ending);
      }
    }
  }

  private void topUp() {
    int credits = window.take();
    if (credits > 0) {
      request(credits);
    }
  }

  private final class Pending {
    private int partition;
    private long offset;
    private boolean answered;
    private @Nullable WeirException failure;

    void answer(int bytes, long atOffset, @Nullable WeirException reason) {
      if (bytes != NOT_HELD) {
        window.onReleased(bytes);
      }
      if (reason == null) {
        counters.onAcknowledged();
      } else {
        counters.onRefused(reason.code());
      }
      counters.onThrottle(window.throttle());
      synchronized (RecordProduceChannel.this) {
        offset = atOffset;
        failure = reason;
        answered = true;
      }
      emitAnswered();
      topUp();
    }
  }
}
