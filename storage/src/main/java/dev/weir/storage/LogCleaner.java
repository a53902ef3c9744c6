package dev.weir.storage;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.loop.PartitionLoop;
import dev.weir.storage.disk.DiskFullException;
import dev.weir.storage.disk.NoDescriptorException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the last record of every key of a log: takes a {@link Cleaning} from step to step and puts
 * the segments it has made into the log, in order, so that a tombstone never goes before what it
 * deletes. At most one is under way. Lives in the log's loop.
 */
final class LogCleaner {
  private final LogHome home;
  private final LogContents contents;
  private final RecentBatches recent;
  private long cleanedTo;
  private @Nullable String uncleanable;
  private @Nullable Run running;
  private @Nullable Runnable whenIdle;

  /**
   * @param cleanedTo up to where an earlier cleaning says it came
   */
  LogCleaner(LogHome home, LogContents contents, RecentBatches recent, long cleanedTo) {
    this.home = home;
    this.contents = contents;
    this.recent = recent;
    this.cleanedTo = cleanedTo;
  }

  /** Nothing when it is being cleaned or cannot be. */
  CleanableShare share(Compaction compaction, long limitOffsetExclusive, Flusher flusher) {
    return uncleanable != null || running != null || contents.offline() != null
        ? CleanableShare.NONE
        : partOf(compaction, limitOffsetExclusive, flusher).share();
  }

  /**
   * A snapshot that is yet to be written may show a transaction open that then needs its marker.
   */
  private Compaction.Part partOf(
      Compaction compaction, long limitOffsetExclusive, Flusher flusher) {
    long limit = Math.min(limitOffsetExclusive, flusher.snapshotsWrittenTo());
    return compaction.of(contents, cleanedTo, limit);
  }

  /** Why the log is not cleaned any more before it is opened again; null when it is. */
  @Nullable String uncleanable() {
    return uncleanable;
  }

  CompletionStage<CleaningReport> clean(
      PartitionLoop loop,
      Executor executor,
      Flusher flusher,
      LogSettings settings,
      Compaction compaction,
      long limitOffsetExclusive,
      CleaningLimits limits) {
    if (uncleanable != null || running != null || whenIdle != null || contents.offline() != null) {
      return refused();
    }
    Compaction.Part part = partOf(compaction, limitOffsetExclusive, flusher);
    if (part.share().dirtyBytes() == 0) {
      return CompletableFuture.completedStage(new CleaningReport(cleanedTo, 0, 0, 0, 0));
    }
    Cleaning cleaning =
        new Cleaning(
            home,
            settings,
            part,
            Cleaning.Transactions.of(home, contents, part),
            compaction.nowMillis(),
            limits);
    Run run = new Run(loop, executor, flusher, cleaning);
    running = run;
    run.step(cleaning::readKeys, run::beginCopying);
    return run.done;
  }

  /** What was cleaned above the log's new end is gone; its checkpoint on disk is too. */
  void onEndMoved(long end) {
    if (cleanedTo > end) {
      cleanedTo = 0;
    }
  }

  /** Abandons what is under way, if anything is. */
  void abandon() {
    Run run = running;
    if (run != null) {
      run.cleaning.abandon();
    }
  }

  /** Abandons what is under way; runs the action in the loop when nothing is any more. */
  void stop(Runnable action) {
    Run run = running;
    if (run == null) {
      action.run();
    } else {
      whenIdle = action;
      run.cleaning.abandon();
    }
  }

  private CompletionStage<CleaningReport> refused() {
    return CompletableFuture.failedFuture(
        new WeirException(
            ErrorCode.INVALID_REQUEST,
            home.partition()
                + " cannot be cleaned now"
                + (uncleanable == null ? "" : ": " + uncleanable)));
  }

  private interface Step {
    void run() throws IOException;
  }

  /** One cleaning on its way. */
  private final class Run {
    private final PartitionLoop loop;
    private final Executor executor;
    private final Flusher flusher;
    private final Cleaning cleaning;
    private final Deque<List<Segment>> left = new ArrayDeque<>();
    private final CompletableFuture<CleaningReport> done = new CompletableFuture<>();

    Run(PartitionLoop loop, Executor executor, Flusher flusher, Cleaning cleaning) {
      this.loop = loop;
      this.executor = executor;
      this.flusher = flusher;
      this.cleaning = cleaning;
    }

    /** Disk work on a cleaning thread, then the next thing in the loop. */
    private void step(Step work, Runnable next) {
      try {
        executor.execute(() -> run(work, next));
      } catch (RejectedExecutionException stopped) {
        fail(new CleaningAbandonedException(home));
      }
    }

    private void run(Step work, Runnable next) {
      Runnable result = next;
      Error error = null;
      try {
        work.run();
      } catch (IOException | RuntimeException failure) {
        result = () -> fail(failure);
      } catch (Error failure) {
        result = () -> fail(failure);
        error = failure;
      }
      try {
        loop.execute(result);
      } catch (RejectedExecutionException loopHasStopped) {
        // the process is going down
      }
      if (error != null) {
        throw error; // the thread's handler decides what it means for the process
      }
    }

    private void beginCopying() {
      left.addAll(cleaning.groups());
      copyNext();
    }

    private void copyNext() {
      if (whenIdle != null || cleaning.isAbandoned()) {
        fail(new CleaningAbandonedException(home));
        return;
      }
      List<Segment> group = left.poll();
      if (group == null) {
        step(cleaning::writeCheckpoint, this::finish);
        return;
      }
      Cleaning.Copied[] copied = new Cleaning.Copied[1];
      step(() -> copied[0] = cleaning.copy(group), () -> onCopied(group, copied[0]));
    }

    private void onCopied(List<Segment> group, Cleaning.Copied copied) {
      if (copied.changed()) {
        flusher.runAlone(new Replacement(this, group, copied));
      } else {
        copyNext();
      }
    }

    private void finish() {
      cleanedTo = cleaning.report().cleanedTo();
      end();
      done.complete(cleaning.report());
    }

    private void fail(Throwable failure) {
      boolean passes =
          failure instanceof CleaningAbandonedException
              || failure instanceof DiskFullException
              || failure instanceof NoDescriptorException;
      if (!passes) {
        failForGood(failure);
        return;
      }
      end();
      done.completeExceptionally(failure);
    }

    private void failForGood(Throwable failure) {
      String message = failure.getMessage();
      uncleanable = message == null ? failure.toString() : message;
      end();
      done.completeExceptionally(
          new IOException(
              home.partition()
                  + " is not compacted any more before it is opened again: "
                  + uncleanable,
              failure));
    }

    private void end() {
      cleaning.letGo();
      running = null;
      Runnable action = whenIdle;
      if (action != null) {
        whenIdle = null;
        action.run();
      }
    }
  }

  /** A group's old segments leave the log, the new one enters it. */
  private final class Replacement implements Flusher.LoneWork {
    private final Run run;
    private final List<Segment> old;
    private final SegmentSwap swap;
    private final AbortedIndex.Summary aborted;
    private @Nullable Segment opened;

    Replacement(Run run, List<Segment> old, Cleaning.Copied by) {
      this.run = run;
      this.old = old;
      this.swap = by.swap();
      this.aborted = by.aborted();
    }

    /** Between the copy and now the start of the log may have moved past some of it. */
    @Override
    public boolean isStillWanted() {
      return whenIdle == null
          && contents.offline() == null
          && old.stream().allMatch(contents.segments()::contains)
          && contents.logStartOffset() < swap.endOffset();
    }

    @Override
    public void run() throws IOException {
      try {
        for (Segment segment : old) {
          segment.outliveNames();
        }
      } catch (NoDescriptorException busy) {
        return; // nothing has happened: as if it were not wanted any more
      }
      opened = swap.run(aborted);
    }

    @Override
    public void onDone(@Nullable Throwable failure) {
      Segment segment = opened;
      if (failure != null) {
        run.failForGood(failure); // what is on disk may be decided: only an open finishes it
        return;
      }
      if (segment == null) {
        run.fail(new CleaningAbandonedException(home));
        return;
      }
      long before = contents.segments().sizeInBytes();
      segment.age().takeOver(old);
      contents.segments().replace(old, segment);
      recent.forgetBelow(swap.endOffset());
      run.flusher.onShrunk(before - contents.segments().sizeInBytes());
      run.flusher.retire(old);
      run.copyNext();
    }
  }
}
