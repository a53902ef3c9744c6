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
import java.util.function.Consumer;
import java.util.function.Supplier;
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
  private final EndMoves endMoves = new EndMoves();
  private boolean directoryChanged = true;
  private long bytesAtFlushPoint;
  private boolean inFlight;
  private @Nullable FlushPlan planInFlight;
  private boolean wanted;
  private @Nullable Runnable whenIdle;
  private boolean ended;
  private @Nullable LoneWork lone;
  private boolean loneRefused;

  /**
   * Disk work of the log beside which nothing is flushed or trimmed, and before which the marker of
   * a clean shutdown has gone for certain.
   */
  interface LoneWork {
    /** In the loop, before it would run. */
    boolean isStillWanted();

    /** On a flush thread. */
    void run() throws IOException;

    /** In the loop, once; also when it did not run, without a failure. */
    void onDone(@Nullable Throwable failure);
  }

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
        || hasToTrim()
        || endMoves.isWanted()
        || (lone != null && contents.markedEnd() >= 0)) {
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

  /**
   * Moves the end of the log as soon as everything is flushed; no batch may be appended until then.
   * One at a time. Completes in the loop with the log end offset.
   */
  CompletionStage<Long> moveEnd(Supplier<EndMove> move) {
    CompletionStage<Long> moved = endMoves.want(move);
    request();
    return moved;
  }

  private boolean hasToTrim() {
    return startMoves.wanted() > contents.logStartOffset()
        || !contents.segments().below(contents.logStartOffset()).isEmpty();
  }

  /** Runs the work as soon as no flush is in flight. One at a time. */
  void runAlone(LoneWork work) {
    if (lone != null) {
      throw new IllegalStateException(home.partition() + " has such work under way");
    }
    lone = work;
    if (!inFlight) {
      startNext();
    }
  }

  /** Up to here every producer snapshot is written that is to be. */
  long snapshotsWrittenTo() {
    long first = snapshots.isEmpty() ? Long.MAX_VALUE : snapshots.get(0).offset();
    FlushPlan plan = planInFlight;
    if (plan != null && !plan.snapshots().isEmpty()) {
      first = Math.min(first, plan.snapshots().get(0).offset());
    }
    return first - 1;
  }

  /** So many bytes are not in the log any more, although nothing was flushed or deleted. */
  void onShrunk(long bytes) {
    bytesAtFlushPoint -= bytes;
  }

  /** Closes the files of segments that are no part of the log any more. */
  void retire(List<Segment> segments) {
    segments.forEach(segment -> segment.retire(executor, () -> {}));
  }

  /** Runs the action in the loop when no flush is in flight; none starts any more. */
  void stop(Runnable action) {
    whenIdle = action;
    startMoves.fail(ErrorCode.SHUTTING_DOWN, home.partition() + " is being closed");
    endMoves.fail(ErrorCode.SHUTTING_DOWN, home.partition() + " is being closed");
    if (!inFlight) {
      end(action);
    }
  }

  /** The flush of a clean close; null when there is nothing left to be flushed. */
  @Nullable FlushPlan lastPlan() {
    boolean flushed =
        contents.logEndOffset() == contents.flushedOffset()
            && sealed.isEmpty()
            && snapshots.isEmpty()
            && !contents.epochs().isChanged();
    return flushed ? null : plan();
  }

  private FlushPlan plan() {
    FlushPlan plan =
        new FlushPlan(home, contents.logEndOffset(), sealed, contents.segments().active());
    plan.addSnapshots(snapshots);
    if (directoryChanged) {
      plan.syncDirectory();
    }
    if (contents.markedEnd() >= 0) {
      plan.replaceMarker(contents.markedEnd());
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
    planInFlight = plan;
    EndMove endMove = endMoves.next();
    if (endMove != null) {
      plan.moveEnd(endMove);
    } else if (hasToTrim()) {
      plan.trim(trim());
    }
    onFlushThread(
        () -> {
          try {
            FlushPlan.Done done = plan.run();
            return () -> onFlushed(plan, done);
          } catch (NoDescriptorException busy) {
            return () -> onPostponed(plan);
          }
        },
        this::onFailed,
        plan::abandon);
  }

  private interface DiskWork {
    /** Blocks; what it returns is run in the loop. */
    Runnable run() throws IOException;
  }

  private void onFlushThread(DiskWork work, Consumer<Throwable> failed, Runnable notRun) {
    try {
      executor.execute(() -> run(work, failed));
    } catch (RejectedExecutionException | OutOfMemoryError noThread) {
      notRun.run();
      failed.accept(
          new IOException("the flush threads of " + home.partition() + " have stopped", noThread));
    }
  }

  /** On a flush thread. Whatever happens, the loop is told: somebody waits for it. */
  private void run(DiskWork work, Consumer<Throwable> failed) {
    Runnable result;
    Error error = null;
    try {
      result = work.run();
    } catch (IOException | RuntimeException failure) {
      result = () -> failed.accept(failure);
    } catch (Error failure) {
      result = () -> failed.accept(failure);
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
    planInFlight = null;
    if (!done.smallFilesWritten()) {
      contents.epochs().markChanged();
      snapshots.addAll(0, plan.snapshots());
    }
    if (done.unmarked()) {
      contents.markerIsGone();
    }
    loneRefused = lone != null && !done.unmarked();
    contents.flushedTo(plan.endOffset());
    Trim trim = plan.trim();
    if (trim != null) {
      onTrimmed(trim, done.segmentsTrimmed());
    }
    if (plan.movesEnd()) {
      onEndMoved(done.endMoved());
    }
    listener.onFlushed(contents.flushedOffset());
    startNext();
  }

  private void startNext() {
    LoneWork work = lone;
    if (inFlight) {
      return; // the listener has asked for a flush
    }
    if (work == null) {
      if (whenIdle != null) {
        end(whenIdle);
      } else if (wanted) {
        request();
      }
    } else if (loneRefused || !work.isStillWanted()) {
      onDoneAlone(work, null);
    } else if (contents.markedEnd() >= 0) {
      start(); // the marker goes first: it would not know what the work has changed
    } else {
      inFlight = true;
      onFlushThread(
          () -> {
            work.run();
            return () -> onDoneAlone(work, null);
          },
          failure -> onDoneAlone(work, failure),
          () -> {});
    }
  }

  /** The work is told before anything else begins: it may change which segments there are. */
  private void onDoneAlone(LoneWork work, @Nullable Throwable failure) {
    inFlight = false;
    lone = null;
    loneRefused = false;
    if (failure instanceof UnsyncedException) {
      onFailed(failure);
    }
    work.onDone(failure);
    startNext();
  }

  /** Nothing is in flight and nothing will be. */
  private void end(Runnable action) {
    if (!ended) {
      ended = true;
      action.run();
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

  private void onEndMoved(EndMove.@Nullable Moved moved) {
    if (moved == null) {
      contents.epochs().markChanged(); // the file may have lost some
      endMoves.fail(
          ErrorCode.STORAGE_FULL, "the end of " + home.partition() + " could not be moved");
      return;
    }
    for (Segment segment : contents.onEndMoved(moved)) {
      segment.retire(executor, () -> {});
    }
    snapshots.removeIf(
        each -> each.offset() > moved.endOffset() || each.offset() < moved.startOffset());
    bytesAtFlushPoint = contents.segments().sizeInBytes();
    directoryChanged = true;
    startMoves.fail(
        ErrorCode.OFFSET_OUT_OF_RANGE,
        home.partition() + " was cut, it ends at offset " + moved.endOffset());
    endMoves.onMoved(moved.endOffset());
  }

  /**
   * The process had no descriptor for the directory, so not all was done, and nothing is known to
   * have failed: all of it once more, a little later. Who waits for the flush goes on waiting.
   */
  private void onPostponed(FlushPlan plan) {
    inFlight = false;
    planInFlight = null;
    sealed.addAll(0, plan.sealed());
    snapshots.addAll(0, plan.snapshots());
    contents.epochs().markChanged();
    directoryChanged = true;
    bytesAtFlushPoint = Long.MIN_VALUE / 2; // the point once more, if it was due
    if (whenIdle != null) {
      end(whenIdle);
    } else {
      loop.schedule(POSTPONED, this::request);
    }
  }

  private void onFailed(Throwable failure) {
    inFlight = false;
    endMoves.fail(
        ErrorCode.STORAGE_OFFLINE,
        "flushing " + home.partition() + " failed: " + failure.getMessage());
    startMoves.fail(
        ErrorCode.STORAGE_OFFLINE,
        "flushing " + home.partition() + " failed: " + failure.getMessage());
    if (contents.takeOffline("flushing " + home.partition() + " failed: " + failure.getMessage())) {
      listener.onOffline(failure);
    }
    if (whenIdle != null) {
      end(whenIdle);
    }
    LoneWork work = lone;
    if (work != null) {
      lone = null;
      work.onDone(null);
    }
  }
}
