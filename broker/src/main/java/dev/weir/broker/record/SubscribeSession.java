package dev.weir.broker.record;

import dev.weir.broker.partition.HostedPartition;
import dev.weir.broker.record.SubscribeOptions.StartAt;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.transport.rsocket.OutboundMessage;
import dev.weir.transport.rsocket.StreamDemand;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;

/**
 * One record-level subscriber: merges partitions and emits exactly as many records as are asked
 * for. Signals come from anywhere and are worked off by one read thread at a time. At most {@link
 * #MAX_CHUNKS} pieces of partitions are in memory; without demand none is read.
 */
final class SubscribeSession implements Subscription, PartitionTail.Listener {
  private static final int MAX_CHUNKS = 4;

  /** Then another session gets the thread. */
  private static final int RECORDS_PER_TURN = 4096;

  private final List<PartitionTail> tails = new ArrayList<>();
  private final StartAt from;
  private final Executor readExecutor;
  private final CoreSubscriber<? super OutboundMessage> subscriber;
  private final AtomicLong demand = new AtomicLong();
  private final AtomicInteger signals = new AtomicInteger();
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicReference<@Nullable WeirException> failure = new AtomicReference<>();
  private final Queue<PartitionTail> wantToFetch = new ConcurrentLinkedQueue<>();
  private final Queue<RecordChunk> arrived = new ConcurrentLinkedQueue<>();
  private final AtomicInteger fetching = new AtomicInteger();
  private final StreamDemand peer;
  private volatile boolean cancelled;

  // Owned by the turn.
  private final Deque<RecordChunk> chunks = new ArrayDeque<>();
  private final RecordEntryWriter entries = new RecordEntryWriter();
  private long recordsLeft;

  SubscribeSession(
      List<HostedPartition> partitions,
      StartAt from,
      Executor readExecutor,
      long maxRecords,
      CoreSubscriber<? super OutboundMessage> subscriber) {
    this.from = from;
    this.readExecutor = readExecutor;
    this.recordsLeft = maxRecords;
    this.subscriber = subscriber;
    this.peer = StreamDemand.of(subscriber);
    for (HostedPartition partition : partitions) {
      tails.add(new PartitionTail(partition, readExecutor, this));
    }
  }

  /** Positions are taken now, also when nothing is asked for yet: "latest" means this moment. */
  void start() {
    tails.forEach(tail -> tail.start(from));
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
    signal();
  }

  @Override
  public void onChunk(PartitionTail tail, ByteBuffer batches, long fromOffset) {
    arrived.add(new RecordChunk(tail, batches, fromOffset));
    fetching.decrementAndGet();
    signal();
  }

  @Override
  public void onWaiting(PartitionTail tail) {
    fetching.decrementAndGet();
    signal();
  }

  @Override
  public void onReady(PartitionTail tail) {
    wantToFetch.add(tail);
    signal();
  }

  @Override
  public void onFailure(WeirException reason) {
    failure.compareAndSet(null, reason);
    signal();
  }

  private void signal() {
    if (signals.getAndIncrement() == 0) {
      schedule();
    }
  }

  private void schedule() {
    try {
      readExecutor.execute(this::turn);
    } catch (RejectedExecutionException e) {
      end(new WeirException(ErrorCode.SHUTTING_DOWN, "the broker is shutting down"));
    }
  }

  private void turn() {
    int seen = signals.get();
    boolean more = false;
    try {
      more = !over.get() && work();
    } catch (WeirException e) {
      end(e);
    } catch (RuntimeException e) {
      closeTails();
      if (over.compareAndSet(false, true)) {
        subscriber.onError(e);
      }
    }
    // While there is more to do the count stays above zero, and the turn with this session.
    if (more || signals.addAndGet(-seen) != 0) {
      schedule();
    }
  }

  /** Returns whether to go on in another turn. */
  private boolean work() {
    if (cancelled) {
      over.set(true);
      closeTails();
      return false;
    }
    @Nullable WeirException reason = failure.get();
    if (reason != null) {
      end(reason);
      return false;
    }
    for (RecordChunk chunk = arrived.poll(); chunk != null; chunk = arrived.poll()) {
      chunks.add(chunk);
    }
    boolean more = emit();
    startFetches();
    return more;
  }

  private boolean emit() {
    int emitted = 0;
    while (!chunks.isEmpty() && demand.get() > 0 && !cancelled) {
      RecordChunk chunk = chunks.remove();
      boolean exhausted = false;
      while (demand.get() > 0 && !cancelled && emitted < RECORDS_PER_TURN) {
        if (!chunk.next()) {
          exhausted = true;
          break;
        }
        if (recordsLeft-- <= 0 && !peer.isUnbounded()) {
          end(
              new WeirException(
                  ErrorCode.RESUBSCRIBE,
                  "this subscription has lasted long enough; subscribe again after the last record of"
                      + " each partition"));
          return false;
        }
        emitted++;
        if (demand.get() != Long.MAX_VALUE) {
          demand.decrementAndGet();
        }
        subscriber.onNext(chunk.message(entries));
      }
      if (exhausted) {
        wantToFetch.add(chunk.tail());
      } else {
        chunks.addFirst(chunk);
        return emitted >= RECORDS_PER_TURN;
      }
    }
    return false;
  }

  private void startFetches() {
    while (demand.get() > 0 && fetching.get() + chunks.size() < MAX_CHUNKS) {
      @Nullable PartitionTail tail = wantToFetch.poll();
      if (tail == null) {
        return;
      }
      fetching.incrementAndGet();
      tail.fetch();
    }
  }

  private void end(WeirException reason) {
    if (over.compareAndSet(false, true)) {
      closeTails();
      subscriber.onError(reason);
    }
  }

  private void closeTails() {
    chunks.forEach(RecordChunk::close);
    chunks.clear();
    tails.forEach(PartitionTail::close);
  }
}
