package dev.weir.storage;

import dev.weir.storage.disk.LogFile;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * The ways a log ends. Called in the loop, once, when no flush is in flight and no append or read
 * follows.
 */
final class LogCloser {
  private final LogHome home;
  private final List<Segment> segments;
  private final Executor executor;

  LogCloser(LogHome home, Segments segments, Executor executor) {
    this.home = home;
    this.segments = List.copyOf(segments.all());
    this.executor = executor;
  }

  private interface DiskWork {
    void run() throws IOException;
  }

  /** Carries out the last flush, then leaves the marker that spares the next start the scan. */
  CompletionStage<Void> close(FlushPlan plan) {
    Segment active = segments.get(segments.size() - 1);
    long[] marker = {plan.endOffset(), active.baseOffset(), active.size()};
    return run(
        () -> {
          try {
            // without all small files the next start has to build them from the batches
            if (plan.run().smallFilesWritten()) {
              NumbersFile.replace(home.files(), home.file(LogNames.CLEAN_SHUTDOWN), marker);
              home.files().syncDirectory(home.directory());
            }
          } finally {
            retireAll(() -> {});
          }
        });
  }

  /** Closes the files and nothing else: the next recovery finds out what the disk holds. */
  CompletionStage<Void> abandon() {
    return run(() -> retireAll(() -> {}));
  }

  /** Renames the directory, so that the name is free; removes it once no range is out. */
  CompletionStage<Void> delete(UUID uuid) {
    DeletedLog deleted = new DeletedLog(home, uuid);
    return run(
        () -> {
          // the names may be another log's soon
          segments.forEach(segment -> segment.files().forEach(LogFile::pathIsGone));
          deleted.rename();
          retireAll(deleted::remove);
        });
  }

  private void retireAll(Runnable whenClosed) {
    Pins open = new Pins(whenClosed);
    for (Segment segment : segments) {
      open.pin();
      segment.retire(executor, open::unpin);
    }
    open.unpin();
  }

  private CompletionStage<Void> run(DiskWork work) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    try {
      executor.execute(
          () -> {
            try {
              work.run();
              done.complete(null);
            } catch (IOException | RuntimeException failure) {
              done.completeExceptionally(failure);
            } catch (Error failure) {
              done.completeExceptionally(failure);
              throw failure;
            }
          });
    } catch (RejectedExecutionException stopped) {
      done.completeExceptionally(stopped);
    }
    return done;
  }
}
