package dev.weir.broker.record;

import dev.weir.broker.partition.HostedPartition;
import dev.weir.broker.record.SubscribeOptions.StartAt;
import dev.weir.broker.subscription.Progress;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.replication.Isolation;
import dev.weir.replication.Replica;
import dev.weir.replication.Waiter;
import dev.weir.storage.DiskRead;
import dev.weir.storage.OffsetLookup;
import dev.weir.storage.OffsetOutcome;
import dev.weir.storage.ReadOutcome;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of one partition that a subscription follows. {@link #start}, {@link #fetch}, {@link
 * #close}, {@link #moveTo} and {@link #position} may be called from any thread, one fetch at a
 * time; everything else happens in the partition's loop or, for the disk, on read threads. Each
 * fetch ends in exactly one call of the listener.
 */
final class PartitionTail implements SharedRead.Taker {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionTail.class);

  /** Called from loops and read threads. */
  interface Listener {
    /** Whole batches, in memory; the listener holds them and lets go of them. */
    void onPiece(PartitionTail tail, Piece piece, long fromOffset);

    /** There is nothing to read; {@link #onReady} comes when there is. */
    void onWaiting(PartitionTail tail);

    /** Fetch (again) from the offset. */
    void onReady(PartitionTail tail, long offset);

    void onFailure(WeirException failure);
  }

  private final HostedPartition partition;
  private final SharedReads shared;
  private final Listener listener;
  private final Runnable watcher = this::onStateChanged;
  private volatile long position = -1;

  // In the loop only.
  private boolean closed;
  private boolean followsStart;
  private @Nullable PartitionReads reads;
  private @Nullable Waiter waiter;

  PartitionTail(HostedPartition partition, SharedReads shared, Listener listener) {
    this.partition = partition;
    this.shared = shared;
    this.listener = listener;
  }

  HostedPartition partition() {
    return partition;
  }

  int partitionNumber() {
    return partition.name().partition();
  }

  /** Everything below the offset has been given to the subscriber, or replaced if it wants that. */
  void moveTo(long offset) {
    position = offset;
  }

  Progress.Position position() {
    return new Progress.Position(partition, position);
  }

  /** Finds the first offset; ends in onReady. */
  void start(StartAt from) {
    inLoop(
        () -> {
          if (closed) {
            return;
          }
          partition.watch(watcher);
          reads = shared.enter(partition);
          if (partition.state() != HostedPartition.State.ONLINE) {
            onStateChanged();
            return;
          }
          Replica replica = partition.replica();
          followsStart = from instanceof StartAt.Earliest || from instanceof StartAt.Timestamp;
          long latest = replica.limitFor(Isolation.READ_COMMITTED);
          if (from instanceof StartAt.Earliest) {
            startAt(replica.logStartOffset());
          } else if (from instanceof StartAt.Offsets offsets) {
            startAt(offsets.byPartition().getOrDefault(partition.name().partition(), latest));
          } else if (from instanceof StartAt.Timestamp timestamp) {
            search(
                replica.offsetForTimestamp(timestamp.millis(), Isolation.READ_COMMITTED), latest);
          } else {
            startAt(latest);
          }
        });
  }

  /** Reads what begins at the offset, or takes part when somebody else does. */
  void fetch(long offset) {
    inLoop(
        () -> {
          if (!closed && !join(offset)) {
            take(read(offset), offset);
          }
        });
  }

  void close() {
    try {
      partition.execute(
          () -> {
            closed = true;
            partition.unwatch(watcher);
            if (waiter != null) {
              waiter.cancel();
            }
            if (reads != null) {
              shared.leave(partition, reads);
              reads = null;
            }
          });
    } catch (WeirException e) {
      // The loop has stopped, and with it everything that could be called off.
    }
  }

  private void startAt(long offset) {
    if (!closed) {
      position = offset;
      listener.onReady(this, offset);
    }
  }

  private ReadOutcome read(long offset) {
    return partition.replica().read(offset, PartitionReads.PIECE_BYTES, Isolation.READ_COMMITTED);
  }

  private boolean join(long offset) {
    Replica replica = partition.replica();
    return reads != null
        && offset >= replica.logStartOffset()
        && reads.join(offset, replica.limitFor(Isolation.READ_COMMITTED), this);
  }

  private void take(ReadOutcome outcome, long offset) {
    if (outcome instanceof ReadOutcome.Slice slice) {
      if (reads == null || join(offset)) { // closed, or somebody else found it first
        release(outcome);
      } else {
        reads.begin(slice, offset, this);
      }
    } else if (outcome instanceof ReadOutcome.UpToDate) {
      listener.onWaiting(this);
      waiter =
          partition
              .replica()
              .awaitBeyond(offset, Isolation.READ_COMMITTED, () -> listener.onReady(this, offset));
    } else if (outcome instanceof ReadOutcome.NeedsDisk needsDisk) {
      DiskRead read = needsDisk.read();
      onReadThread(() -> readFromDisk(read, offset), read::abandon);
    } else if (outcome instanceof ReadOutcome.OutOfRange range
        && followsStart
        && offset < range.logStartOffset()) {
      long left = range.logStartOffset(); // deleted in the meantime: what is left is asked for
      take(read(left), left);
    } else if (outcome instanceof ReadOutcome.OutOfRange range) {
      listener.onFailure(
          new WeirException(
              ErrorCode.OFFSET_OUT_OF_RANGE,
              "offset %d is not in %s, which has the offsets %d to %d"
                  .formatted(offset, partition, range.logStartOffset(), range.logEndOffset())));
    } else if (outcome instanceof ReadOutcome.Unavailable unavailable) {
      listener.onFailure(partition.unreadable(unavailable));
    }
  }

  private void readFromDisk(DiskRead read, long offset) {
    ReadOutcome outcome = read.run();
    try {
      partition.execute(
          () ->
              guarded(
                  () -> {
                    if (closed) {
                      release(outcome);
                    } else {
                      take(outcome, offset);
                    }
                  }));
    } catch (WeirException e) {
      release(outcome);
      listener.onFailure(e);
    }
  }

  private static void release(ReadOutcome outcome) {
    if (outcome instanceof ReadOutcome.Slice slice) {
      slice.range().release();
    }
  }

  @Override
  public void onPiece(Piece piece, long fromOffset) {
    listener.onPiece(this, piece, fromOffset);
  }

  @Override
  public void onFailure(WeirException failure) {
    listener.onFailure(failure);
  }

  private void search(OffsetLookup lookup, long latest) {
    onReadThread(
        () -> {
          OffsetOutcome outcome = lookup.run();
          if (outcome instanceof OffsetOutcome.Found found) {
            inLoop(() -> startAt(found.offset()));
          } else if (outcome instanceof OffsetOutcome.NotFound) {
            inLoop(() -> startAt(latest));
          } else if (outcome instanceof OffsetOutcome.Unavailable unavailable) {
            listener.onFailure(new WeirException(unavailable.code(), unavailable.message()));
          }
        },
        lookup::abandon);
  }

  private void onStateChanged() {
    listener.onFailure(partition.notServed());
  }

  private void inLoop(Runnable task) {
    try {
      partition.execute(() -> guarded(task));
    } catch (WeirException e) {
      listener.onFailure(e);
    }
  }

  /** A failure that nobody foresaw, whatever it is, ends the subscription. */
  private void guarded(Runnable task) {
    try {
      task.run();
    } catch (Throwable e) {
      LOG.error("a subscription to {} failed", partition, e);
      listener.onFailure(
          new WeirException(ErrorCode.INTERNAL, "reading " + partition + " failed unexpectedly"));
    }
  }

  private void onReadThread(Runnable task, Runnable otherwise) {
    try {
      shared.readExecutor().execute(() -> guarded(task));
    } catch (RejectedExecutionException e) {
      otherwise.run();
      listener.onFailure(new WeirException(ErrorCode.SHUTTING_DOWN, "the broker is shutting down"));
    }
  }
}
