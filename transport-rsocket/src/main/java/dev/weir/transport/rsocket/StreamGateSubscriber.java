package dev.weir.transport.rsocket;

import dev.weir.core.disk.FileRange;
import io.rsocket.Payload;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jctools.queues.atomic.SpscUnboundedAtomicArrayQueue;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * The gate of one stream. Signals come from any thread; whoever raises {@code pending} from zero
 * runs {@link #step} until it is zero again, so the fields below it need no locks.
 *
 * <p>What it keeps is bounded: it asks upstream for {@link #BATCH_BYTES} by the average size seen,
 * or for {@link #RANGE_BATCH_BYTES} of files, at least one message.
 */
final class StreamGateSubscriber implements CoreSubscriber<OutboundMessage>, Subscription {
  private static final int BATCH_BYTES = 256 * 1024;

  /** Of ranges of files, which are not in memory: fewer turns of the threads on their way. */
  private static final int RANGE_BATCH_BYTES = 1024 * 1024;

  private static final int MAX_BATCH = 1024;

  /** Assumed before the first message. */
  private static final int FIRST_AVERAGE = 32 * 1024;

  private final CoreSubscriber<? super Payload> actual;
  private final OutboundPath path;
  private final Context context;
  private final Queue<OutboundMessage> arrived = new SpscUnboundedAtomicArrayQueue<>(32);
  private final AtomicLong demand = new AtomicLong();
  private final AtomicInteger pending = new AtomicInteger();
  private final AtomicReference<@Nullable Prepared> prepared = new AtomicReference<>();
  private @Nullable Subscription upstream;
  private volatile boolean cancelled;
  private volatile boolean done;
  private @Nullable Throwable error;

  // Owned by whoever steps.
  private boolean terminated;
  private volatile boolean preparing; // looked at by whoever asks what the stream waits for
  private volatile boolean waiting;
  private long outstanding;
  private int averageBytes = FIRST_AVERAGE;
  private int batchBytes = BATCH_BYTES;

  /** What the handler may know of the peer. */
  private final class PeerDemand implements StreamDemand {
    @Override
    public boolean isUnbounded() {
      return demand.get() == Long.MAX_VALUE;
    }

    @Override
    public boolean isHeldBack() {
      return demand.get() > 0;
    }

    @Override
    public boolean hasRoom() {
      return path.ledger().hasRoom();
    }

    @Override
    public void awaitRoom(Runnable action) {
      path.ledger().awaitRoom(action);
    }

    @Override
    public boolean awaitsSocket() {
      return waiting;
    }

    @Override
    public boolean awaitsDisk() {
      return preparing;
    }
  }

  private record Prepared(@Nullable Payload payload, @Nullable Throwable error) {}

  StreamGateSubscriber(CoreSubscriber<? super Payload> actual, OutboundPath path) {
    this.actual = actual;
    this.path = path;
    this.context =
        Operators.enableOnDiscard(
                actual.currentContext(),
                dropped -> {
                  if (dropped instanceof OutboundMessage message) {
                    message.discard();
                  }
                })
            .put(StreamDemand.class, new PeerDemand());
  }

  @Override
  public Context currentContext() {
    return context;
  }

  @Override
  public void onSubscribe(Subscription subscription) {
    if (Operators.validate(upstream, subscription)) {
      upstream = subscription;
      actual.onSubscribe(this);
    }
  }

  @Override
  public void onNext(OutboundMessage message) {
    if (done) {
      message.discard();
      return;
    }
    arrived.add(message);
    signal();
  }

  @Override
  public void onError(Throwable failure) {
    if (done) {
      Operators.onErrorDropped(failure, context);
      return;
    }
    error = failure;
    done = true;
    signal();
  }

  @Override
  public void onComplete() {
    done = true;
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
    signal();
  }

  private void onRoom() {
    waiting = false;
    signal();
  }

  private void signal() {
    if (pending.getAndIncrement() != 0) {
      return;
    }
    int missed = 1;
    do {
      stepSafely();
      missed = pending.addAndGet(-missed);
    } while (missed != 0);
  }

  /**
   * A handler that throws out of its own signals ends its stream; left alone, the gate would stay
   * shut.
   */
  private void stepSafely() {
    try {
      step();
    } catch (RuntimeException | Error e) {
      fail(e);
    }
  }

  private void step() {
    boolean mayEmit = true;
    while (mayEmit) {
      mayEmit = emitNext();
    }
    if (!terminated && !cancelled && !done) {
      ask();
    }
  }

  /** Returns whether there may be more to emit right away. */
  private boolean emitNext() {
    if (preparing) {
      Prepared ready = prepared.getAndSet(null);
      if (ready == null) {
        return false;
      }
      preparing = false;
      onPrepared(ready);
      return true;
    }
    if (terminated || cancelled) {
      dropArrived();
      return false;
    }
    boolean last = done;
    OutboundMessage message = arrived.peek();
    if (message == null) {
      if (last) {
        terminate(error);
      }
      return false;
    }
    if (!path.ledger().hasRoom()) {
      awaitRoom();
      return false;
    }
    arrived.poll();
    outstanding--;
    learnSize(message);
    send(message);
    return true;
  }

  private void send(OutboundMessage message) {
    FileRange range = message.range();
    if (range != null && !path.isReady(message)) {
      preparing = true;
      path.prepare(
          message,
          range,
          (payload, failure) -> {
            prepared.set(new Prepared(payload, failure));
            signal();
          });
      return;
    }
    Payload payload;
    try {
      payload = path.encoder().encode(message);
    } catch (RuntimeException e) {
      fail(e);
      return;
    }
    actual.onNext(payload);
  }

  private void onPrepared(Prepared ready) {
    Payload payload = ready.payload();
    if (payload == null) {
      Throwable failure = ready.error();
      fail(
          failure == null
              ? new IllegalStateException("a range was neither read nor failed")
              : failure);
    } else if (terminated || cancelled) {
      payload.release();
    } else {
      actual.onNext(payload);
    }
  }

  private void learnSize(OutboundMessage message) {
    FileRange range = message.range();
    ByteBuffer data = message.data();
    int size = range != null ? range.length() : data == null ? 0 : data.remaining();
    ByteBuffer json = message.recordJson();
    size += json == null ? 0 : json.remaining();
    averageBytes = Math.max(64, (int) ((averageBytes * 7L + size) / 8));
    batchBytes = range != null ? RANGE_BATCH_BYTES : BATCH_BYTES;
  }

  /** Asks upstream for the next batch when most of the last one is through. */
  private void ask() {
    long wanted = demand.get();
    int batch = Math.max(1, Math.min(MAX_BATCH, batchBytes / averageBytes));
    if (wanted == 0 || outstanding > batch / 4) {
      return;
    }
    if (!path.ledger().hasRoom()) {
      awaitRoom();
      return;
    }
    long n = Math.min(wanted, batch - outstanding);
    if (wanted != Long.MAX_VALUE) {
      // A request that comes meanwhile only adds.
      demand.addAndGet(-n);
    }
    outstanding += n;
    Subscription from = upstream;
    if (from != null) {
      from.request(n);
    }
  }

  private void awaitRoom() {
    if (!waiting) {
      waiting = true;
      path.ledger().awaitRoom(this::onRoom);
    }
  }

  private void fail(Throwable failure) {
    if (upstream != null) {
      upstream.cancel();
    }
    terminate(failure);
    dropArrived();
  }

  private void terminate(@Nullable Throwable failure) {
    if (terminated) {
      return;
    }
    terminated = true;
    if (failure == null) {
      actual.onComplete();
    } else {
      actual.onError(WireErrors.toWire(failure));
    }
  }

  private void dropArrived() {
    for (OutboundMessage message = arrived.poll(); message != null; message = arrived.poll()) {
      message.discard();
    }
  }
}
