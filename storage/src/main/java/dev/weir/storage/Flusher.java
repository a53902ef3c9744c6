package dev.weir.storage;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.loop.PartitionLoop;
import dev.weir.storage.disk.NoDescriptorException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Brings a log to stable storage: at most one flush in flight, requests in the meantime share the
 * next one (group commit). A failed flush is never tried again: what the kernel then says of those
 * pages cannot be trusted. Lives in the log's loop.
 */
final class Flusher {
  /**
   * How far the persisted flush point may lag behind the flushed offset, besides the segment being
   * rolled.
   */
  static final long FLUSH_POINT_LAG_BYTES = 64L << 20;

  private static final Duration POSTPONED = Duration.ofMillis(200);

  private final LogHome home;
  private final LogContents contents;
  private final PartitionLoop loop;
  private final Executor executor;
  private final LogListener listener;

  private List<Segment> sealed = new ArrayList<>();
  private List<FlushPlan.PendingSnapshot> snapshots = new ArrayList<>();
  private final StartMoves startMoves = new StartMoves();
  private boolean directoryChanged = true;
  private long bytesAtFlushPoint;
  private boolean inFlight;
  private boolean wanted;
  private @Nullable Runnable whenIdle;

  Flusher(
      LogHome home,
      LogContents contents,
      PartitionLoop loop,
      Executor executor,
      LogListener listener) {
    this.home = home;
    this.contents = contents;
    this.loop = loop;
    this.executor = executor;
    this.listener = listener;
    this.bytesAtFlushPoint = contents.segments().sizeInBytes();
  }

  /** A segment was completed and another one, which begins at {@code offset}, is active. */
  void onRoll(Segment completed, long offset, ProducerSnapshot snapshot) {
    sealed.add(completed);
    snapshots.add(new FlushPlan.PendingSnapshot(offset, snapshot));
    directoryChanged = true;
  }

  void request() {
    if (contents.offline() != null || whenIdle != null) {
      return;
    }
    if (inFlight) {
      wanted = true;
    } else if (contents.logEndOffset() > contents.flushedOffset()
        || !sealed.isEmpty()
        || hasToTrim()) {
      start();
    }
  }

  /**
   * Moves the start of the log to an offset that is not beyond its end, as soon as that is flushed.
   * Completes in the loop with the start.
   */
  CompletionStage<Long> moveStart(long offset) {
    if (contents.logStartOffset() >= offset) {
      return CompletableFuture.completedStage(contents.logStartOffset());
    }
    CompletionStage<Long> moved = startMoves.want(offset);
    request();
    return moved;
  }

  private boolean hasToTrim() {
    return startMoves.wanted() > contents.logStartOffset()
        || !contents.segments().below(contents.logStartOffset()).isEmpty();
  }

  /** Runs the action in the loop when no flush is in flight; none starts any more. */
  void stop(Runnable action) {
    whenIdle = action;
    startMoves.fail(ErrorCode.SHUTTING_DOWN, home.partition() + " is being closed");
    if (!inFlight) {
      action.run();
    }
  }

  /** The flush of a clean close: everything, with the producers as they are at the log's end. */
  FlushPlan lastPlan() {
    Segment active = contents.segments().active();
    if (!sealed.contains(active)) {
      sealed.add(active);
    }
    snapshots.add(
        new FlushPlan.PendingSnapshot(
            contents.logEndOffset(),
            ProducerSnapshot.of(
                contents.producers(), contents.segments().lastWithBatches().aborted().summary())));
    return plan();
  }

  private FlushPlan plan() {
    FlushPlan plan =
        new FlushPlan(home, contents.logEndOffset(), sealed, contents.segments().active());
    plan.addSnapshots(snapshots);
    if (directoryChanged) {
      plan.syncDirectory();
    }
    if (contents.epochs().takeChanged()) {
      plan.writeEpochs(contents.epochs().encode());
    }
    long bytes = contents.segments().sizeInBytes();
    if (!sealed.isEmpty() || bytes - bytesAtFlushPoint >= FLUSH_POINT_LAG_BYTES) {
      bytesAtFlushPoint = bytes;
      plan.persistFlushPoint();
    }
    sealed = new ArrayList<>();
    snapshots = new ArrayList<>();
    directoryChanged = false;
    return plan;
  }

  private Trim trim() {
    long from = contents.logStartOffset();
    long to = Math.max(from, startMoves.wanted());
    return new Trim(home, from, to, contents.segments().below(to));
  }

  private void start() {
    inFlight = true;
    wanted = false;
    FlushPlan plan = plan();
    if (hasToTrim()) {
      plan.trim(trim());
    }
    try {
      executor.execute(() -> run(plan));
    } catch (RejectedExecutionException | OutOfMemoryError noThread) {
      plan.abandon();
      onFailed(
          new IOException("the flush threads of " + home.partition() + " have stopped", noThread));
    }
  }

  /** On a flush thread. Whatever happens, the loop is told: somebody waits for the flush. */
  private void run(FlushPlan plan) {
    Runnable result;
    Error error = null;
    try {
      FlushPlan.Done done = plan.run();
      result = () -> onFlushed(plan, done);
    } catch (NoDescriptorException busy) {
      result = () -> onPostponed(plan);
    } catch (IOException | RuntimeException failure) {
      result = () -> onFailed(failure);
    } catch (Error failure) {
      result = () -> onFailed(failure);
      error = failure;
    }
    try {
      loop.execute(result);
    } catch (RejectedExecutionException loopHasStopped) {
      // the process is going down and nobody waits for this any more
    }
    if (error != null) {
      throw error; // the thread's handler decides what it means for the process
    }
  }

  private void onFlushed(FlushPlan plan, FlushPlan.Done done) {
    inFlight = false;
    if (!done.smallFilesWritten()) {
      contents.epochs().markChanged();
      snapshots.addAll(0, plan.snapshots());
    }
    contents.flushedTo(plan.endOffset());
    Trim trim = plan.trim();
    if (trim != null) {
      onTrimmed(trim, done.segmentsTrimmed());
    }
    listener.onFlushed(plan.endOffset());
    if (whenIdle != null) {
      whenIdle.run();
    } else if (wanted) {
      request();
    }
  }

  private void onTrimmed(Trim trim, int segments) {
    if (segments < 0) {
      startMoves.fail(
          ErrorCode.STORAGE_OFFLINE,
          "the start of " + home.partition() + " could not be moved to offset " + trim.to());
      return;
    }
    List<Segment> gone = trim.gone().subList(0, segments);
    contents.startAt(trim.to(), gone);
    for (Segment segment : gone) {
      bytesAtFlushPoint -= segment.size();
      segment.retire(executor, () -> {});
    }
    startMoves.onMoved(trim.to());
  }

  /**
   * The process had no descriptor for the directory, so not all was done, and nothing is known to
   * have failed: all of it once more, a little later. Who waits for the flush goes on waiting.
   */
  private void onPostponed(FlushPlan plan) {
    inFlight = false;
    sealed.addAll(0, plan.sealed());
    snapshots.addAll(0, plan.snapshots());
    contents.epochs().markChanged();
    directoryChanged = true;
    bytesAtFlushPoint = 0;
    if (whenIdle != null) {
      whenIdle.run();
    } else {
      loop.schedule(POSTPONED, this::request);
    }
  }

  private void onFailed(Throwable failure) {
    inFlight = false;
    startMoves.fail(
        ErrorCode.STORAGE_OFFLINE,
        "flushing " + home.partition() + " failed: " + failure.getMessage());
    if (contents.takeOffline("flushing " + home.partition() + " failed: " + failure.getMessage())) {
      listener.onOffline(failure);
    }
    if (whenIdle != null) {
      whenIdle.run();
    }
  }
}
