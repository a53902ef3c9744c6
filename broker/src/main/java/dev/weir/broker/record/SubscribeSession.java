package dev.weir.broker.record;

import dev.weir.broker.partition.HostedPartition;
import dev.weir.broker.record.SubscribeOptions.StartAt;
import dev.weir.broker.subscription.OpenSubscription;
import dev.weir.broker.subscription.Progress;
import dev.weir.broker.subscription.WaitCause;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.transport.rsocket.OutboundMessage;
import dev.weir.transport.rsocket.StreamDemand;
import java.util.ArrayList;
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
 * #MAX_CHUNKS} pieces of partitions are in memory, within the bound of all subscriptions; without
 * demand, or while the socket takes nothing, none is read and what is there may be taken away. One
 * that conflates goes on reading then, and keeps what is newest of each key.
 */
final class SubscribeSession implements Subscription, PartitionTail.Listener, Progress {
  private static final int MAX_CHUNKS = 4;

  /** Then another session gets the thread. */
  private static final int RECORDS_PER_TURN = 4096;

  private final List<PartitionTail> tails = new ArrayList<>();
  private final StartAt from;
  private final RecordFilter where;
  private final Executor readExecutor;
  private final CoreSubscriber<? super OutboundMessage> subscriber;
  private final AtomicLong demand = new AtomicLong();
  private final AtomicInteger signals = new AtomicInteger();
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicReference<@Nullable WeirException> failure = new AtomicReference<>();
  private final Queue<HeldChunks.Want> wantToFetch = new ConcurrentLinkedQueue<>();
  private final Queue<RecordChunk> arrived = new ConcurrentLinkedQueue<>();
  private final AtomicInteger fetching = new AtomicInteger();
  private final AtomicBoolean awaitsRoom = new AtomicBoolean();
  private final AtomicLong records = new AtomicLong(); // written in the turn
  private final StreamDemand peer;
  private final PieceBudget budget;
  private final OpenSubscription announced;
  private volatile boolean cancelled;

  // Owned by the turn.
  private final HeldChunks chunks;
  private final @Nullable ConflatedRecords<PartitionTail> conflated; // null: not asked for
  private final RecordEntryWriter entries = new RecordEntryWriter();
  private final long maxRecords;

  SubscribeSession(
      List<HostedPartition> partitions,
      SubscribeOptions options,
      SharedReads reads,
      long maxRecords,
      CoreSubscriber<? super OutboundMessage> subscriber,
      OpenSubscription announced) {
    this.from = options.from();
    this.where = options.where();
    this.readExecutor = reads.readExecutor();
    this.budget = reads.budget();
    this.maxRecords = maxRecords;
    this.announced = announced;
    this.subscriber = subscriber;
    this.peer = StreamDemand.of(subscriber);
    this.chunks = new HeldChunks(budget, this::signal);
    this.conflated = options.conflate() ? new ConflatedRecords<>(budget) : null;
    for (HostedPartition partition : partitions) {
      tails.add(new PartitionTail(partition, reads, this));
    }
  }

  /** Positions are taken now, also when nothing is asked for yet: "latest" means this moment. */
  void start() {
    announced.enter(this);
    tails.forEach(tail -> tail.start(from));
  }

  @Override
  public WaitCause waitsFor() {
    if (awaitsRoom.get() || peer.awaitsSocket()) {
      return WaitCause.SOCKET;
    } else if (demand.get() == 0) {
      return peer.isHeldBack() ? WaitCause.NOTHING : WaitCause.DEMAND;
    } else if (fetching.get() > 0) {
      return budget.waiting() > 0 ? WaitCause.MEMORY : WaitCause.DISK;
    }
    return signals.get() > 0 ? WaitCause.NOTHING : WaitCause.DATA;
  }

  @Override
  public long messages() {
    return records.get();
  }

  @Override
  public List<Position> positions() {
    return tails.stream().map(PartitionTail::position).toList();
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
  public void onPiece(PartitionTail tail, Piece piece, long fromOffset) {
    arrived.add(new RecordChunk(tail, piece, fromOffset, where));
    fetching.decrementAndGet();
    signal();
  }

  @Override
  public void onWaiting(PartitionTail tail) {
    fetching.decrementAndGet();
    signal();
  }

  @Override
  public void onReady(PartitionTail tail, long offset) {
    wantToFetch.add(new HeldChunks.Want(tail, offset));
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
      // the broker is going down, and with it every thread that could work
      if (over.compareAndSet(false, true)) {
        leave();
        subscriber.onError(
            new WeirException(ErrorCode.SHUTTING_DOWN, "the broker is shutting down"));
      }
    }
  }

  private void turn() {
    int seen = signals.get();
    boolean more = false;
    try {
      more = work();
    } catch (WeirException e) {
      end(e);
    } catch (Throwable e) {
      end(e); // becomes INTERNAL, and is logged, in the transport
    }
    // While there is more to do the count stays above zero, and the turn with this session.
    if (more || signals.addAndGet(-seen) != 0) {
      schedule();
    }
  }

  /** Returns whether to go on in another turn. */
  private boolean work() {
    if (!chunks.unpark()) {
      return false; // it signals when it has been reclaimed
    }
    for (RecordChunk chunk = arrived.poll(); chunk != null; chunk = arrived.poll()) {
      chunks.add(chunk);
    }
    if (over.get()) {
      letGo();
      return false;
    }
    if (cancelled) {
      over.set(true);
      leave();
      letGo();
      return false;
    }
    @Nullable WeirException reason = failure.get();
    if (reason != null) {
      end(reason);
      return false;
    }
    chunks.drainLost(wantToFetch::add);
    boolean more = emit() || conflate();
    startFetches();
    if (!more) {
      chunks.park(); // without demand or room there is nothing to be done with them
      chunks.drainLost(wantToFetch::add);
    }
    return more;
  }

  private boolean emit() {
    int emitted = 0;
    if (conflated != null) { // these come before what is in pieces
      emitted = emitConflated(conflated);
      if (!conflated.isEmpty()) {
        return emitted >= RECORDS_PER_TURN;
      }
    }
    while (!chunks.isEmpty() && mayEmit()) {
      RecordChunk chunk = chunks.first();
      boolean exhausted = false;
      while (mayEmit() && emitted < RECORDS_PER_TURN) {
        if (!chunk.next()) {
          exhausted = true;
          break;
        }
        if (!count()) {
          return false;
        }
        emitted++;
        subscriber.onNext(chunk.message(entries));
      }
      chunk.tail().moveTo(chunk.nextOffset());
      if (exhausted) {
        wantToFetch.add(chunks.removeFirst());
      } else {
        return emitted >= RECORDS_PER_TURN;
      }
    }
    return false;
  }

  private int emitConflated(ConflatedRecords<PartitionTail> held) {
    int emitted = 0;
    while (!held.isEmpty() && emitted < RECORDS_PER_TURN && mayEmit() && count()) {
      ConflatedRecords.@Nullable Next<PartitionTail> next = held.poll();
      if (next == null) {
        break;
      }
      emitted++;
      next.partition().moveTo(held.position(next.partition()));
      announced.countConflated(next.passedOver());
      subscriber.onNext(RecordChunk.message(entries, next));
    }
    return emitted;
  }

  /**
   * Reads on without demand or room, for what is newest of each key, until nothing more fits.
   * Returns whether to go on in another turn.
   */
  private boolean conflate() {
    int read = 0;
    while (conflated != null && !conflated.isFull() && !chunks.isEmpty()) {
      RecordChunk chunk = chunks.first();
      boolean exhausted = false;
      while (!exhausted && !conflated.isFull() && read < RECORDS_PER_TURN && !mayEmit()) {
        if (!chunk.next()) {
          exhausted = true;
        } else if (conflated.add(chunk.tail(), chunk.record())) {
          read++;
        } else {
          chunk.stepBack();
        }
      }
      conflated.readTo(chunk.tail(), chunk.nextOffset());
      chunk.tail().moveTo(conflated.position(chunk.tail()));
      if (!exhausted) {
        return !conflated.isFull();
      }
      wantToFetch.add(chunks.removeFirst());
    }
    return false;
  }

  /** One more goes out. False: it has had all the credit there is, and the subscription ends. */
  private boolean count() {
    if (records.get() >= maxRecords && !peer.isUnbounded()) {
      end(
          new WeirException(
              ErrorCode.RESUBSCRIBE,
              "this subscription has lasted long enough; subscribe again after the last record of"
                  + " each partition"));
      return false;
    }
    records.lazySet(records.get() + 1);
    if (demand.get() != Long.MAX_VALUE) {
      demand.decrementAndGet();
    }
    return true;
  }

  private boolean mayEmit() {
    return demand.get() > 0 && !cancelled && hasRoom();
  }

  /** A record is read for a socket that takes it, and for no other. */
  private boolean hasRoom() {
    if (peer.hasRoom()) {
      return true;
    }
    if (awaitsRoom.compareAndSet(false, true)) {
      peer.awaitRoom(
          () -> {
            awaitsRoom.set(false);
            signal();
          });
    }
    return false;
  }

  private void startFetches() {
    while (fetching.get() + chunks.size() < MAX_CHUNKS && wantsPieces()) {
      HeldChunks.@Nullable Want want = wantToFetch.poll();
      if (want == null) {
        return;
      }
      fetching.incrementAndGet();
      want.tail().fetch(want.offset());
    }
  }

  private boolean wantsPieces() {
    return (conflated != null && !conflated.isFull()) || (demand.get() > 0 && hasRoom());
  }

  /** In the turn. */
  private void end(Throwable reason) {
    if (over.compareAndSet(false, true)) {
      leave();
      subscriber.onError(reason);
    }
    if (chunks.unpark()) {
      letGo();
    }
  }

  /** Of everything in memory. */
  private void letGo() {
    chunks.close();
    if (conflated != null) {
      conflated.close();
    }
  }

  private void leave() {
    announced.leave();
    tails.forEach(PartitionTail::close);
  }
}
