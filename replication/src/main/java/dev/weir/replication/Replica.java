package dev.weir.replication;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.loop.PartitionLoop;
import dev.weir.core.topic.TopicPartition;
import dev.weir.replication.ProduceOutcome.Failed;
import dev.weir.replication.ProduceOutcome.Stored;
import dev.weir.storage.AbortedLookup;
import dev.weir.storage.AppendOrigin;
import dev.weir.storage.AppendOutcome;
import dev.weir.storage.CleanableShare;
import dev.weir.storage.CleaningLimits;
import dev.weir.storage.CleaningReport;
import dev.weir.storage.Durability;
import dev.weir.storage.EpochEnd;
import dev.weir.storage.LogListener;
import dev.weir.storage.LogSettings;
import dev.weir.storage.OffsetLookup;
import dev.weir.storage.PartitionLog;
import dev.weir.storage.ReadOutcome;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One partition on this broker: decides when a batch counts as stored and how far readers may see.
 * Owns its log; lives in one partition loop, where every method but the constructor is called.
 *
 * <p>A cluster of one: this replica leads and is the in-sync set, so the high watermark is the
 * flushed offset (durability=fsync) or the log end offset (durability=replicated).
 */
public final class Replica {
  private final TopicPartition partition;
  private final PartitionLoop loop;
  private final PartitionLog log;
  private final PendingAcks pendingAcks;
  private final Map<Isolation, Waiters> waiters = new EnumMap<>(Isolation.class);
  private final BackgroundFlush backgroundFlush;
  private ReplicaSettings settings;
  private int leaderEpoch;
  private int inSyncReplicas = 1;
  private long highWatermark;

  /** Under way: meanwhile the high watermark stays, it could pass what is about to go. */
  private int truncations;

  private boolean closed;
  private ReplicaHealth health = ReplicaHealth.ONLINE;
  private Consumer<ReplicaHealth> healthListener = changed -> {};

  /**
   * @param log opened and not attached yet; the replica closes it
   * @param leaderEpoch written into every batch appended
   */
  public Replica(
      TopicPartition partition,
      PartitionLoop loop,
      PartitionLog log,
      int leaderEpoch,
      ReplicaSettings settings) {
    this.partition = partition;
    this.loop = loop;
    this.log = log;
    this.leaderEpoch = leaderEpoch;
    this.settings = settings;
    this.pendingAcks = new PendingAcks(settings.maxPendingBytes());
    this.backgroundFlush = new BackgroundFlush(loop, log, settings);
    for (Isolation isolation : Isolation.values()) {
      waiters.put(isolation, new Waiters());
    }
  }

  /**
   * Takes the log into the loop. Once, before anything else.
   *
   * @param listener told in the loop when the health is not what it was, ONLINE at first
   */
  public void start(Executor flushExecutor, Consumer<ReplicaHealth> listener) {
    loop.assertInLoop();
    healthListener = listener;
    log.attach(
        loop,
        flushExecutor,
        new LogListener() {
          @Override
          public void onFlushed(long flushedOffset) {
            maybeAdvanceHighWatermark();
          }

          @Override
          public void onOffline(Throwable cause) {
            goOffline(cause);
          }
        });
    // What recovery found whole in a damaged log counts as flushed and can still be read.
    highWatermark = Math.max(log.logStartOffset(), coveredOffset());
    if (log.isOffline()) {
      become(ReplicaHealth.State.OFFLINE, log.offlineReason());
    }
  }

  /**
   * Appends a producer's batch. The bytes are in the log or refused when this returns; the listener
   * may be told later.
   *
   * @param batch exactly one batch between position and limit; not kept
   */
  public void append(ByteBuffer batch, RequiredAcks acks, AckListener listener) {
    append(batch, AppendOrigin.CLIENT, acks, listener);
  }

  /**
   * As {@link #append(ByteBuffer, RequiredAcks, AckListener)}, for a batch of this origin: a
   * producer whose transaction was verified, or a transaction coordinator.
   */
  public void append(
      ByteBuffer batch, AppendOrigin origin, RequiredAcks acks, AckListener listener) {
    loop.assertInLoop();
    int bytes = batch.remaining();
    if (closed) {
      listener.onAcknowledged(
          new Failed(ErrorCode.SHUTTING_DOWN, "partition " + partition + " is being closed"));
      return;
    }
    if (acks == RequiredAcks.ALL && inSyncReplicas < settings.minInSyncReplicas()) {
      listener.onAcknowledged(notEnoughReplicas());
      return;
    }
    if (acks == RequiredAcks.ALL && !pendingAcks.hasRoomFor(bytes)) {
      listener.onAcknowledged(
          new Failed(
              ErrorCode.OVERLOADED,
              "%d batches of partition %s wait for the disk already; try again later"
                  .formatted(pendingAcks.size(), partition)));
      return;
    }
    AppendOutcome outcome = log.append(batch, leaderEpoch, origin);
    if (outcome instanceof AppendOutcome.Appended appended) {
      Stored stored =
          new Stored(appended.baseOffset(), appended.lastOffset(), appended.logAppendTime(), false);
      becomeOnline();
      onAppended(bytes, appended); // first: if it fails the caller answers, and nobody else does
      acknowledge(stored, bytes, acks, listener);
    } else if (outcome instanceof AppendOutcome.Duplicate duplicate) {
      Stored stored = new Stored(duplicate.baseOffset(), duplicate.lastOffset(), -1, true);
      acknowledge(stored, bytes, acks, listener);
    } else if (outcome instanceof AppendOutcome.Rejected rejected) {
      onRejected(rejected);
      listener.onAcknowledged(new Failed(rejected.code(), rejected.message()));
    }
  }

  /**
   * Reads what readers of this isolation may see; the receiver owns what it gets. At the end of a
   * log that is offline the answer is STORAGE_OFFLINE: there is nothing to wait for.
   */
  public ReadOutcome read(long offset, int maxBytes, Isolation isolation) {
    loop.assertInLoop();
    if (!closed && log.isOffline() && offset >= limitFor(isolation)) {
      return new ReadOutcome.Unavailable(
          ErrorCode.STORAGE_OFFLINE,
          "partition %s is offline; it can be read up to offset %d (%s)"
              .formatted(partition, limitFor(isolation), log.offlineReason()));
    }
    return log.read(offset, maxBytes, limitFor(isolation));
  }

  /** Prepares the search for the first visible record at or after a time; the receiver owns it. */
  public OffsetLookup offsetForTimestamp(long timestamp, Isolation isolation) {
    loop.assertInLoop();
    return log.offsetForTimestamp(timestamp, limitFor(isolation));
  }

  /**
   * Runs {@code wakeUp} in the loop once records beyond {@code offset} are visible to readers of
   * this isolation, or the replica goes offline or is closed. Not called from inside this method.
   */
  public Waiter awaitBeyond(long offset, Isolation isolation, Runnable wakeUp) {
    loop.assertInLoop();
    Waiter waiter = waitersOf(isolation).add(offset, wakeUp);
    if (limitFor(isolation) > offset || closed || log.isOffline()) {
      loop.execute(this::wakeReady);
    }
    return waiter;
  }

  /** Everything below is on all in-sync replicas, as durable as the topic asks for. */
  public long highWatermark() {
    loop.assertInLoop();
    return highWatermark;
  }

  /** Where readers of this isolation end for now. */
  public long limitFor(Isolation isolation) {
    return switch (isolation) {
      case READ_UNCOMMITTED -> highWatermark;
      case READ_COMMITTED -> log.lastStableOffset(highWatermark);
    };
  }

  /**
   * Prepares the search for the aborted transactions of a range below the last stable offset; the
   * receiver owns it.
   */
  public AbortedLookup abortedTransactions(long fromOffset, long toOffsetExclusive) {
    loop.assertInLoop();
    return log.abortedTransactions(fromOffset, toOffsetExclusive);
  }

  public int leaderEpoch() {
    loop.assertInLoop();
    return leaderEpoch;
  }

  public long logStartOffset() {
    loop.assertInLoop();
    return log.logStartOffset();
  }

  /**
   * Deletes all records below the offset, for good. Completes in the loop with the log start
   * offset.
   *
   * @param offset at most the high watermark; -1 stands for it (as in Kafka's DeleteRecords)
   * @return fails with a {@link WeirException}: OFFSET_OUT_OF_RANGE beyond the high watermark,
   *     POLICY_VIOLATION when the topic is only compacted, STORAGE_OFFLINE, SHUTTING_DOWN
   */
  public CompletionStage<Long> deleteBefore(long offset) {
    loop.assertInLoop();
    if (!log.settings().retention().deletes()) {
      return CompletableFuture.failedFuture(
          new WeirException(
              ErrorCode.POLICY_VIOLATION,
              "records of %s cannot be deleted by offset: its cleanup.policy is compact, not delete"
                  .formatted(partition)));
    }
    if (offset < -1 || offset > highWatermark) {
      return CompletableFuture.failedFuture(
          new WeirException(
              ErrorCode.OFFSET_OUT_OF_RANGE,
              "records of %s can be deleted below an offset up to %d, its high watermark, not %d"
                  .formatted(partition, highWatermark, offset)));
    }
    return log.deleteBefore(offset == -1 ? highWatermark : offset);
  }

  /**
   * Deletes what the topic's retention settings do not keep.
   *
   * @param nowMillis the time as {@link dev.weir.storage.RetentionClock} has it
   */
  public void retain(long nowMillis) {
    loop.assertInLoop();
    log.retain(nowMillis, highWatermark);
  }

  /**
   * How much of the log compaction would find to do.
   *
   * @param nowMillis as for {@link #retain}
   */
  public CleanableShare cleanable(long nowMillis) {
    loop.assertInLoop();
    return log.cleanable(nowMillis, limitFor(Isolation.READ_COMMITTED));
  }

  /**
   * Compacts the log below the last stable offset, see {@link PartitionLog#clean}. Completes in the
   * loop.
   */
  public CompletionStage<CleaningReport> clean(
      long nowMillis, Executor executor, CleaningLimits limits) {
    loop.assertInLoop();
    return log.clean(nowMillis, limitFor(Isolation.READ_COMMITTED), executor, limits);
  }

  /** Why the log is not compacted before it is opened again; null when it is. */
  public @Nullable String uncleanable() {
    return log.uncleanable();
  }

  /**
   * Removes what the leader of a newer epoch does not have, from the offset on; the high watermark
   * follows the end down. Whoever waits for an acknowledgement is told that its outcome is unknown.
   * Completes in the loop with the log end offset; fails as {@link PartitionLog#truncateTo}.
   */
  public CompletionStage<Long> truncateTo(long offset) {
    loop.assertInLoop();
    truncations++;
    pendingAcks.failAll(
        new Failed(
            ErrorCode.OUTCOME_UNKNOWN,
            "partition " + partition + " was truncated to what its new leader has"));
    return log.truncateTo(offset)
        .whenComplete(
            (end, failure) -> {
              truncations--;
              highWatermark = Math.min(highWatermark, log.logEndOffset());
              maybeAdvanceHighWatermark();
            });
  }

  /** Where a leader epoch ends in this log; what followers ask for. */
  public EpochEnd endOffsetFor(int epoch) {
    loop.assertInLoop();
    return log.endOffsetFor(epoch);
  }

  public ReplicaStatus status() {
    loop.assertInLoop();
    return new ReplicaStatus(
        log.logStartOffset(),
        log.logEndOffset(),
        log.flushedOffset(),
        highWatermark,
        log.sizeInBytes(),
        health);
  }

  /**
   * Takes changed settings, from the next batch on. The high watermark never goes back: what a
   * weaker durability has shown to readers is flushed as soon as a stronger one asks for it.
   */
  public void reconfigure(LogSettings logSettings, ReplicaSettings changed) {
    loop.assertInLoop();
    settings = changed;
    log.reconfigure(logSettings);
    backgroundFlush.reconfigure(changed);
    log.requestFlush();
    maybeAdvanceHighWatermark();
  }

  /**
   * Takes no more appends, flushes, tells every pending acknowledgement and every waiting reader,
   * closes the log. Completes on a flush thread.
   */
  public CompletionStage<Void> close() {
    return closeWith(log::close, "partition " + partition + " was closed before it was flushed");
  }

  /** As {@link #close}, and removes the log from the disk. */
  public CompletionStage<Void> delete(UUID uuid) {
    return closeWith(
        () -> log.delete(uuid), "the topic of partition " + partition + " was deleted");
  }

  private CompletionStage<Void> closeWith(
      java.util.function.Supplier<CompletionStage<Void>> closing, String reason) {
    loop.assertInLoop();
    if (closed) {
      return CompletableFuture.completedStage(null);
    }
    closed = true;
    backgroundFlush.stop();
    wakeAll();
    CompletableFuture<Void> done = new CompletableFuture<>();
    closing
        .get()
        .whenComplete(
            (ignored, failure) -> {
              loop.execute(
                  () -> pendingAcks.failAll(new Failed(ErrorCode.OUTCOME_UNKNOWN, reason)));
              if (failure == null) {
                done.complete(null);
              } else {
                done.completeExceptionally(failure);
              }
            });
    return done;
  }

  /** Whether producers had better send less: half of what may wait to be covered waits. */
  public boolean isBehind() {
    loop.assertInLoop();
    return pendingAcks.isHalfFull();
  }

  private void acknowledge(Stored stored, int bytes, RequiredAcks acks, AckListener listener) {
    if (acks == RequiredAcks.ALL && stored.lastOffset() >= highWatermark) {
      pendingAcks.add(stored, bytes, listener);
    } else {
      listener.onAcknowledged(stored);
    }
  }

  private void onAppended(int bytes, AppendOutcome.Appended appended) {
    if (log.settings().durability() == Durability.FSYNC) {
      log.requestFlush(); // concurrent batches share it
    } else {
      maybeAdvanceHighWatermark();
      backgroundFlush.onAppended(bytes, appended.lastOffset() - appended.baseOffset() + 1);
    }
  }

  private void maybeAdvanceHighWatermark() {
    long covered = coveredOffset();
    if (covered > highWatermark && truncations == 0) {
      highWatermark = covered;
      pendingAcks.completeBelow(covered);
      wakeVisible();
    }
  }

  private void wakeVisible() {
    for (Isolation isolation : Isolation.values()) {
      waitersOf(isolation).wakeBelow(limitFor(isolation));
    }
  }

  private void wakeAll() {
    waiters.values().forEach(Waiters::wakeAll);
  }

  private Waiters waitersOf(Isolation isolation) {
    return Objects.requireNonNull(waiters.get(isolation));
  }

  private long coveredOffset() {
    return log.settings().durability() == Durability.FSYNC
        ? log.flushedOffset()
        : log.logEndOffset();
  }

  private void onRejected(AppendOutcome.Rejected rejected) {
    if (rejected.code() == ErrorCode.STORAGE_FULL) {
      become(ReplicaHealth.State.FULL, rejected.message());
    } else if (rejected.code() == ErrorCode.STORAGE_OFFLINE && !log.isOffline()) {
      become(ReplicaHealth.State.FAILING, rejected.message());
    }
  }

  private void becomeOnline() {
    if (health.state() != ReplicaHealth.State.ONLINE) {
      become(ReplicaHealth.State.ONLINE, "");
    }
  }

  /** The first reason of a state stays. */
  private void become(ReplicaHealth.State state, String reason) {
    if (health.state() != state) {
      health = new ReplicaHealth(state, reason);
      healthListener.accept(health);
    }
  }

  private void goOffline(Throwable cause) {
    become(ReplicaHealth.State.OFFLINE, log.offlineReason());
    backgroundFlush.stop();
    pendingAcks.failAll(
        new Failed(
            ErrorCode.STORAGE_OFFLINE,
            "partition %s is offline after a disk error (%s); the batch may or may not be stored"
                .formatted(partition, cause.getMessage())));
    wakeAll();
  }

  private void wakeReady() {
    if (closed || log.isOffline()) {
      wakeAll();
    } else {
      wakeVisible();
    }
  }

  private Failed notEnoughReplicas() {
    return new Failed(
        ErrorCode.NOT_ENOUGH_REPLICAS,
        "partition %s has %d in-sync replicas and its min.insync.replicas is %d"
            .formatted(partition, inSyncReplicas, settings.minInSyncReplicas()));
  }
}
