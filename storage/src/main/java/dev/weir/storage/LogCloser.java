package dev.weir.storage;

import dev.weir.storage.disk.LogFile;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The ways a log ends. Called in the loop, once, when no flush is in flight and no append or read
 * follows.
 */
final class LogCloser {
  private final LogHome home;
  private final LogContents contents;
  private final List<Segment> segments;
  private final Executor executor;

  LogCloser(LogHome home, LogContents contents, Executor executor) {
    this.home = home;
    this.contents = contents;
    this.segments = List.copyOf(contents.segments().all());
    this.executor = executor;
  }

  private interface DiskWork {
    void run() throws IOException;
  }

  /**
   * Carries out the last flush, if there is one, then leaves what spares the next start the scan:
   * the marker and, before it, the producers it relies on. These are not flushed. A power cut can
   * spoil them and then costs that scan, which is no reason to make every close of ten thousand
   * logs wait for the disk.
   *
   * @param firstMillis when the active segment's first batch came, by the wall clock
   */
  CompletionStage<Void> close(@Nullable FlushPlan plan, long firstMillis) {
    CleanShutdown marker = CleanShutdown.of(contents, firstMillis);
    ProducerSnapshot producers =
        ProducerSnapshot.of(
            contents.producers(), contents.segments().lastWithBatches().aborted().summary());
    Set<Long> keep = new HashSet<>();
    keep.add(marker.endOffset());
    segments.forEach(segment -> keep.add(segment.baseOffset()));
    ProducerSnapshots snapshots = new ProducerSnapshots(home.files(), home.directory());
    return run(
        () -> {
          try {
            // without all small files the next start has to build them from the batches
            if (plan == null || plan.run().smallFilesWritten()) {
              if (marker.needsSnapshot()) {
                snapshots.writeUnforced(marker.endOffset(), producers);
              }
              marker.write(home);
              snapshots.deleteUnless(keep::contains);
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
