package dev.weir.broker.fetch;

import dev.weir.broker.partition.HostedPartition;
import dev.weir.broker.subscription.OpenSubscription;
import dev.weir.broker.subscription.Progress;
import dev.weir.broker.subscription.WaitCause;
import dev.weir.core.disk.FileRange;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.FetchEvent;
import dev.weir.core.protocol.FetchHeader;
import dev.weir.replication.Isolation;
import dev.weir.replication.Replica;
import dev.weir.replication.Waiter;
import dev.weir.storage.DiskRead;
import dev.weir.storage.ReadOutcome;
import dev.weir.transport.rsocket.OutboundMessage;
import dev.weir.transport.rsocket.StreamDemand;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;

/**
 * One reader of one partition. Everything but {@link #request}, {@link #cancel} and {@link
 * Progress} runs in the partition's loop. Reads only what is asked for; at the high watermark it
 * waits to be woken; a read that has to touch the disk is made on a read thread, with nothing else
 * under way meanwhile.
 */
final class FetchSession implements Subscription, Progress {
  /** Then other partitions of the loop get their turn. */
  private static final int FRAMES_PER_TURN = 8;

  private final HostedPartition partition;
  private final Executor readExecutor;
  private final CoreSubscriber<? super OutboundMessage> subscriber;
  private final Isolation isolation;
  private final int requestedEpoch;
  private final int maxFrameBytes;
  private final StreamDemand peer;
  private final OpenSubscription announced;
  private final AtomicLong demand = new AtomicLong();
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final Runnable wakeUp = this::schedule;
  private volatile boolean cancelled;

  // Written in the loop, and looked at by whoever asks about the progress.
  private volatile WaitCause heldUpBy = WaitCause.NOTHING;
  private final AtomicLong nextOffset;
  private final AtomicLong frames = new AtomicLong();

  private final long maxFrames;
  private boolean started;
  private boolean reading;
  private boolean ended;
  private @Nullable Waiter waiter;

  FetchSession(
      HostedPartition partition,
      FetchPosition from,
      Executor readExecutor,
      long maxFrames,
      CoreSubscriber<? super OutboundMessage> subscriber,
      OpenSubscription announced) {
    this.partition = partition;
    this.readExecutor = readExecutor;
    this.subscriber = subscriber;
    this.isolation = from.isolation();
    this.requestedEpoch = from.leaderEpoch();
    this.maxFrameBytes = from.maxFrameBytes();
    this.nextOffset = new AtomicLong(from.offset());
    this.maxFrames = maxFrames;
    this.peer = StreamDemand.of(subscriber);
    this.announced = announced;
  }

  @Override
  public void request(long n) {
    if (Operators.validate(n)) {
      demand.accumulateAndGet(n, Operators::addCap);
      schedule();
    }
  }

  @Override
  public void cancel() {
    cancelled = true;
    schedule();
  }

  private void start() {
    started = true;
    if (partition.state() != HostedPartition.State.ONLINE) {
      fail(partition.notServed());
      return;
    }
    int epoch = partition.replica().leaderEpoch();
    if (requestedEpoch >= 0 && requestedEpoch != epoch) {
      fail(wrongEpoch(epoch));
      return;
    }
    partition.watch(wakeUp);
    announced.enter(this);
  }

  @Override
  public WaitCause waitsFor() {
    WaitCause cause = heldUpBy;
    if (cause == WaitCause.DISK || peer.awaitsDisk()) {
      return WaitCause.DISK;
    } else if (peer.awaitsSocket()) {
      return WaitCause.SOCKET;
    } else if (demand.get() == 0) {
      return peer.isHeldBack() ? WaitCause.NOTHING : WaitCause.DEMAND;
    }
    return cause;
  }

  @Override
  public long messages() {
    return frames.get();
  }

  @Override
  public List<Position> positions() {
    return List.of(new Position(partition, nextOffset.get()));
  }

  void schedule() {
    if (!scheduled.getAndSet(true)) {
      try {
        partition.execute(() -> guarded(this::turn));
      } catch (WeirException e) {
        subscriber.onError(e); // once: from now on it counts as scheduled
      }
    }
  }

  /** A failure that nobody foresaw, whatever it is, ends the stream. */
  private void guarded(Runnable step) {
    try {
      step.run();
    } catch (Throwable e) {
      boolean first = !ended;
      end();
      if (first) {
        subscriber.onError(e); // becomes INTERNAL, and is logged, in the transport
      }
    }
  }

  private void turn() {
    scheduled.set(false);
    if (!reading) {
      heldUpBy = WaitCause.NOTHING;
    }
    if (cancelled) {
      end();
    } else if (!started) {
      start();
    }
    for (int taken = 0; !ended && !reading; taken++) {
      if (partition.state() != HostedPartition.State.ONLINE) {
        leave();
        return;
      }
      if (demand.get() == 0 || cancelled) {
        return;
      }
      if (frames.get() >= maxFrames) {
        finish(FetchEvent.FETCH_ROTATE);
        return;
      }
      if (taken == FRAMES_PER_TURN) {
        schedule();
        return;
      }
      if (!take(partition.replica().read(nextOffset.get(), maxFrameBytes, isolation))) {
        return;
      }
    }
  }

  /** Returns whether to read on. */
  private boolean take(ReadOutcome outcome) {
    if (outcome instanceof ReadOutcome.Slice slice) {
      send(slice);
      return true;
    } else if (outcome instanceof ReadOutcome.UpToDate) {
      cancelWaiter();
      heldUpBy = WaitCause.DATA;
      waiter = partition.replica().awaitBeyond(nextOffset.get(), isolation, wakeUp);
    } else if (outcome instanceof ReadOutcome.NeedsDisk needsDisk) {
      readFromDisk(needsDisk.read());
    } else if (outcome instanceof ReadOutcome.OutOfRange range) {
      fail(
          new WeirException(
              ErrorCode.OFFSET_OUT_OF_RANGE,
              "offset %d is not in %s, which has the offsets %d to %d"
                  .formatted(
                      nextOffset.get(), partition, range.logStartOffset(), range.logEndOffset())));
    } else if (outcome instanceof ReadOutcome.Unavailable unavailable) {
      fail(partition.unreadable(unavailable));
    }
    return false;
  }

  private void send(ReadOutcome.Slice slice) {
    FileRange range = slice.range();
    if (cancelled || ended) {
      range.release();
      return;
    }
    nextOffset.lazySet(slice.nextOffset());
    frames.lazySet(frames.get() + 1);
    if (demand.get() != Long.MAX_VALUE) {
      demand.decrementAndGet();
    }
    subscriber.onNext(OutboundMessage.ofRange(header(FetchEvent.FETCH_DATA), range));
  }

  private void readFromDisk(DiskRead read) {
    reading = true;
    heldUpBy = WaitCause.DISK;
    try {
      readExecutor.execute(
          () -> {
            ReadOutcome outcome;
            try {
              outcome = read.run();
            } catch (Throwable e) {
              partition.execute(() -> guarded(() -> onReadFailed(e)));
              return;
            }
            try {
              partition.execute(() -> guarded(() -> onRead(outcome)));
            } catch (WeirException e) {
              discard(outcome);
            }
          });
    } catch (RejectedExecutionException e) {
      read.abandon();
      reading = false;
      fail(partition.notServed());
    }
  }

  private void onRead(ReadOutcome outcome) {
    reading = false;
    heldUpBy = WaitCause.NOTHING;
    if (ended || cancelled) {
      discard(outcome);
      end();
    } else if (take(outcome)) {
      schedule();
    }
  }

  private void onReadFailed(Throwable failure) {
    if (!ended) {
      end();
      subscriber.onError(failure);
    }
  }

  private static void discard(ReadOutcome outcome) {
    if (outcome instanceof ReadOutcome.Slice slice) {
      slice.range().release();
    }
  }

  /**
   * The partition is not served any more: says so with an event, or with an error when no frame was
   * asked for.
   */
  private void leave() {
    if (demand.get() == 0) {
      fail(partition.notServed());
    } else if (partition.state() == HostedPartition.State.DELETED) {
      finish(FetchEvent.FETCH_DELETED);
    } else {
      finish(FetchEvent.FETCH_SHUTDOWN);
    }
  }

  private void finish(FetchEvent event) {
    end();
    subscriber.onNext(OutboundMessage.ofHeader(header(event)));
    subscriber.onComplete();
  }

  private void fail(WeirException failure) {
    end();
    subscriber.onError(failure);
  }

  private void end() {
    if (!ended) {
      ended = true;
      announced.leave();
      partition.unwatch(wakeUp);
      cancelWaiter();
    }
  }

  private void cancelWaiter() {
    if (waiter != null) {
      waiter.cancel();
      waiter = null;
    }
  }

  private ByteBuffer header(FetchEvent event) {
    Replica replica = partition.replica();
    return ByteBuffer.wrap(
        FetchHeader.newBuilder()
            .setNextOffset(nextOffset.get())
            .setHighWatermark(replica.highWatermark())
            .setLastStableOffset(replica.limitFor(Isolation.READ_COMMITTED))
            .setLogStartOffset(replica.logStartOffset())
            .setLeaderEpoch(replica.leaderEpoch())
            .setEvent(event)
            .build()
            .toByteArray());
  }

  private WeirException wrongEpoch(int epoch) {
    boolean older = requestedEpoch < epoch;
    return new WeirException(
        older ? ErrorCode.FENCED_LEADER_EPOCH : ErrorCode.UNKNOWN_LEADER_EPOCH,
        "the leader epoch of %s is %d, not %d".formatted(partition, epoch, requestedEpoch));
  }
}
