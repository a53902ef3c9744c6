package dev.weir.client;

import dev.weir.core.error.WeirException;
import dev.weir.core.loop.ThreadLoop;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;

/**
 * The results of one {@code send}: runs of resolved records wait here until they are asked for, and
 * hold their share of the memory bound until then. Owned by the producer's loop, which is also the
 * thread that calls the subscriber.
 */
final class SendResults<C> implements Subscription, RunReceiver {
  /** Neighbouring records that became known together. */
  private record Run(ProducerBatch batch, int from, int count) {}

  private final CoreSubscriber<? super SendResult<C>> subscriber;
  private final ThreadLoop loop;
  private final MemoryBudget budget;
  private final boolean stopOnError;
  private final AtomicLong requested = new AtomicLong();
  private final ArrayDeque<Object> runs = new ArrayDeque<>(); // Run, or SendResult of one record
  private @Nullable Intake intake;
  private @Nullable Runnable onEnd;
  private volatile boolean cancelled;
  private int emittedOfFirst;
  private long resolved;
  private long taken = Long.MAX_VALUE; // how many there will be, once that is known
  private @Nullable Throwable end;
  private boolean emitting;

  /** The side that takes records from the publisher. */
  interface Intake {
    /** The subscriber asked for results for the first time. */
    void start();

    void cancel();
  }

  SendResults(
      CoreSubscriber<? super SendResult<C>> subscriber,
      ThreadLoop loop,
      MemoryBudget budget,
      boolean stopOnError) {
    this.subscriber = subscriber;
    this.loop = loop;
    this.budget = budget;
    this.stopOnError = stopOnError;
  }

  /**
   * Before {@code onSubscribe}.
   *
   * @param afterEnd called when the stream is over for whatever reason; perhaps more than once
   */
  void attach(Intake source, Runnable afterEnd) {
    intake = source;
    onEnd = afterEnd;
  }

  @Override
  public void request(long n) {
    if (Operators.validate(n)) {
      requested.accumulateAndGet(n, Operators::addCap);
      requireIntake().start();
      if (!(loop.inLoop() && emitting)) {
        ClientThreads.post(loop, this::drain);
      }
    }
  }

  @Override
  public void cancel() {
    cancelled = true;
    requireIntake().cancel();
    ClientThreads.post(loop, this::drain);
  }

  @Override
  public void onResolved(ProducerBatch batch, int from, int count) {
    runs.addLast(new Run(batch, from, count));
    drain();
  }

  /** One record failed before it reached a batch. Any thread. */
  void onFailed(SendResult<C> result) {
    budget.take(ProducerBatch.RECORD_OVERHEAD_BYTES);
    ClientThreads.post(
        loop,
        () -> {
          runs.addLast(result);
          drain();
        });
  }

  /** No more records will be taken: this many were. Any thread. */
  void onIntakeEnd(long count, @Nullable Throwable error) {
    ClientThreads.post(
        loop,
        () -> {
          if (taken == Long.MAX_VALUE) {
            taken = count;
            end = error;
            drain();
          }
        });
  }

  /** Ended or cancelled. */
  boolean isOver() {
    return cancelled;
  }

  /**
   * The client is closed and the loop stops after this: what was not asked for is dropped, the
   * stream ends with CLOSED unless it is over already.
   */
  void abandon() {
    drain();
    if (cancelled) {
      return;
    }
    cancelled = true;
    requireIntake().cancel();
    subscriber.onError(ClientThreads.clientClosed());
    drain();
  }

  private void drain() {
    if (emitting) {
      return;
    }
    emitting = true;
    try {
      while (!runs.isEmpty()) {
        if (cancelled) {
          discard();
        } else if (!emitFirst()) {
          break;
        }
      }
      if (resolved == taken && runs.isEmpty() && !cancelled) {
        cancelled = true;
        end();
      }
      if (cancelled && onEnd != null) {
        onEnd.run();
      }
    } finally {
      emitting = false;
    }
  }

  private void end() {
    if (end == null) {
      subscriber.onComplete();
    } else {
      subscriber.onError(end);
    }
  }

  /** Emits from the first run; false when the subscriber wants no more now. */
  private boolean emitFirst() {
    Object first = runs.getFirst();
    int count = first instanceof Run run ? run.count() : 1;
    WeirException error = errorOf(first);
    if (error != null && stopOnError) {
      cancelled = true;
      requireIntake().cancel();
      subscriber.onError(error);
      return true;
    }
    long wanted = requested.get();
    long emitted = 0;
    while (emittedOfFirst < count && !cancelled) {
      if (emitted == wanted) {
        wanted = requested.get();
        if (emitted == wanted) {
          break;
        }
      }
      subscriber.onNext(resultOf(first, emittedOfFirst));
      emittedOfFirst++;
      emitted++;
    }
    if (wanted != Long.MAX_VALUE) {
      requested.addAndGet(-emitted);
    }
    resolved += emitted;
    budget.give(emitted * ProducerBatch.RECORD_OVERHEAD_BYTES);
    if (emittedOfFirst == count) {
      runs.removeFirst();
      emittedOfFirst = 0;
      return true;
    }
    return cancelled;
  }

  private void discard() {
    Object first = runs.removeFirst();
    int count = first instanceof Run run ? run.count() : 1;
    budget.give((long) (count - emittedOfFirst) * ProducerBatch.RECORD_OVERHEAD_BYTES);
    emittedOfFirst = 0;
  }

  private static @Nullable WeirException errorOf(Object first) {
    return first instanceof Run run ? run.batch().error() : ((SendResult<?>) first).error();
  }

  @SuppressWarnings("unchecked") // correlations come from records of this C
  private SendResult<C> resultOf(Object first, int index) {
    if (!(first instanceof Run run)) {
      return (SendResult<C>) first;
    }
    ProducerBatch batch = run.batch();
    int at = run.from() + index;
    return new SendResult<>(
        batch.target.topic(),
        batch.target.partition(),
        batch.offsetOf(at),
        (C) batch.correlationOf(at),
        batch.error());
  }

  private Intake requireIntake() {
    if (intake == null) {
      throw new IllegalStateException("not attached");
    }
    return intake;
  }
}
