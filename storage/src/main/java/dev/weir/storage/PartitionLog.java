package dev.weir.storage;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.loop.PartitionLoop;
import dev.weir.core.time.Time;
import dev.weir.core.topic.TopicPartition;
import dev.weir.storage.disk.LogFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The records of one partition on this broker's disk.
 *
 * <p>Opened on a {@code weir-recovery-n} thread, then owned by one {@link PartitionLoop}: every
 * method but {@link #open} is called in the loop given to {@link #attach} and none of them waits
 * for the disk beyond page-cache writes.
 */
public final class PartitionLog {
  private final LogHome home;
  private LogSettings settings;
  private final LogContents contents;
  private final LogAppender appender;
  private final LogReader reader;
  private final LogCleaner cleaner;
  private final LogEnd end;
  private final LogUpkeep upkeep;
  private final Time time;
  private @Nullable Attachment attachment;
  private boolean closed;

  /** What a log gets when it is given to its loop. */
  private record Attachment(
      PartitionLoop loop, Executor executor, LogListener listener, Flusher flusher) {}

  private PartitionLog(
      LogHome home, LogSettings settings, LogContents contents, long cleanedTo, Time time) {
    this.home = home;
    this.settings = settings;
    this.contents = contents;
    RecentBatches recent = new RecentBatches();
    this.appender = new LogAppender(home, settings, contents, recent, time);
    this.time = time;
    this.reader = new LogReader(settings, contents, recent, time);
    this.cleaner = new LogCleaner(home, contents, recent, cleanedTo);
    this.end = new LogEnd(home, contents, appender, cleaner);
    this.upkeep = new LogUpkeep(contents, appender, cleaner, time);
  }

  /**
   * Opens or creates the log in {@code directory}, recovering it from a crash when needed. Blocks.
   *
   * @throws IOException the directory cannot be read or written, or its segments are missing;
   *     damage inside the log is no exception but a log that {@linkplain #isOffline() is offline}
   */
  public static OpenedLog open(
      TopicPartition partition, Path directory, LogSettings settings, LogFiles files, Time time)
      throws IOException {
    LogHome home = new LogHome(partition, directory, files);
    LogRecovery.Recovered recovered = new LogRecovery(home, settings, time).run();
    long[] cleanedTo = NumbersFile.read(files, home.file(LogNames.CLEANED_TO), 1);
    return new OpenedLog(
        new PartitionLog(
            home,
            settings,
            recovered.contents(),
            cleanedTo == null ? 0 : Math.max(0, cleanedTo[0]),
            time),
        recovered.report());
  }

  /**
   * Gives the log to its loop. Once, before anything else, from any thread; what follows is called
   * in the loop.
   *
   * @param flushExecutor runs blocking disk work ({@code weir-flush-n}); at most one task of this
   *     log at a time, besides closing files
   */
  public void attach(PartitionLoop loop, Executor flushExecutor, LogListener listener) {
    if (attachment != null) {
      throw new IllegalStateException(home.partition() + " was attached already");
    }
    LogListener both = alsoStoppingTheCleaner(listener);
    attachment =
        new Attachment(
            loop, flushExecutor, both, new Flusher(home, contents, loop, flushExecutor, both));
  }

  private LogListener alsoStoppingTheCleaner(LogListener listener) {
    return new LogListener() {
      @Override
      public void onFlushed(long flushedOffset) {
        listener.onFlushed(flushedOffset);
      }

      @Override
      public void onOffline(Throwable cause) {
        cleaner.abandon();
        listener.onOffline(cause);
      }
    };
  }

  /**
   * Checks a producer's batch, gives it offsets and writes it at the end of the log, into the page
   * cache. The bytes are written from the buffer itself, which is not changed and not kept; only
   * topics with log-append time copy it.
   *
   * @param batch exactly one batch between position and limit
   * @param leaderEpoch written into the batch; refused when the log has batches of a later one
   */
  public AppendOutcome append(ByteBuffer batch, int leaderEpoch) {
    return append(batch, leaderEpoch, AppendOrigin.CLIENT);
  }

  /**
   * As {@link #append(ByteBuffer, int)}, for a batch of this origin, which decides what is checked.
   *
   * @param leaderEpoch written into the batch; one from the leader keeps its own
   */
  public AppendOutcome append(ByteBuffer batch, int leaderEpoch, AppendOrigin origin) {
    Attachment attached = inLoop();
    if (closed) {
      return new AppendOutcome.Rejected(ErrorCode.SHUTTING_DOWN, isClosed());
    }
    if (end.isMoving()) {
      return new AppendOutcome.Rejected(
          ErrorCode.NOT_LEADER, home.partition() + " is being truncated");
    }
    boolean wasOnline = contents.offline() == null;
    AppendOutcome outcome = appender.append(batch, leaderEpoch, origin, attached.flusher());
    String offline = contents.offline();
    if (wasOnline && offline != null) {
      // not from inside the call: the listener may want to append or read
      attached.loop().execute(() -> attached.listener().onOffline(new IOException(offline)));
    }
    return outcome;
  }

  /**
   * Asks that everything appended so far be flushed; {@link LogListener#onFlushed} tells when.
   * Cheap: requests made while a flush is under way share the next one.
   */
  public void requestFlush() {
    inLoop().flusher().request();
  }

  /**
   * Finds whole batches from {@code offset} on.
   *
   * @param maxBytes the range is not longer, unless its only batch is
   * @param limitOffsetExclusive no batch that reaches this offset is in the range (high watermark,
   *     last stable offset)
   */
  public ReadOutcome read(long offset, int maxBytes, long limitOffsetExclusive) {
    inLoop();
    if (closed) {
      return new ReadOutcome.Unavailable(ErrorCode.SHUTTING_DOWN, isClosed());
    }
    return reader.read(offset, maxBytes, limitOffsetExclusive);
  }

  /**
   * The offset below which every transaction is decided for readers: first offset of the earliest
   * one that is open, or whose marker the high watermark has not passed; else the high watermark.
   *
   * @param highWatermark of the replica, which only rises
   */
  public long lastStableOffset(long highWatermark) {
    return contents.lastStableOffset(highWatermark);
  }

  /**
   * Prepares the search for the aborted transactions that reach into a range below the last stable
   * offset; the receiver owns it. For a range that was {@linkplain #read} call it in the same task
   * of the loop: compaction takes the records away first, and then what is said of them here.
   */
  public AbortedLookup abortedTransactions(long fromOffset, long toOffsetExclusive) {
    inLoop();
    if (closed) {
      throw new WeirException(ErrorCode.SHUTTING_DOWN, isClosed());
    }
    return AbortedLookup.of(home, contents.segments(), fromOffset, toOffsetExclusive);
  }

  /** Prepares the search for the first record at or after {@code timestamp} and below the limit. */
  public OffsetLookup offsetForTimestamp(long timestamp, long limitOffsetExclusive) {
    inLoop();
    if (closed) {
      return new KnownOffset(new OffsetOutcome.Unavailable(ErrorCode.SHUTTING_DOWN, isClosed()));
    }
    return reader.offsetForTimestamp(timestamp, limitOffsetExclusive);
  }

  /**
   * Moves the log's start to the offset, for good: what lies below is not readable any more and its
   * whole segments are deleted. Ranges that are out stay valid. The offset is flushed first if it
   * is not yet. Completes in the loop with the start, which is higher if it was before; fails with
   * a {@link WeirException}: OFFSET_OUT_OF_RANGE beyond the log's end, STORAGE_OFFLINE,
   * SHUTTING_DOWN.
   */
  public CompletionStage<Long> deleteBefore(long offset) {
    Attachment attached = inLoop();
    WeirException refused = refusedMove();
    if (refused == null && offset > contents.logEndOffset()) {
      refused = end.outOfRange("start", offset);
    }
    return refused == null
        ? attached.flusher().moveStart(offset)
        : CompletableFuture.failedFuture(refused);
  }

  /**
   * Removes every batch from the offset on, with the batch that holds it: what a follower has and
   * its leader does not (KIP-101). Everything is flushed first; until this completes no batch is
   * taken. Completes in the loop with the log end offset, which may be below the offset; fails with
   * a {@link WeirException}: OFFSET_OUT_OF_RANGE below the log's start, STORAGE_FULL (nothing was
   * removed), STORAGE_OFFLINE, OVERLOADED while another one is under way, SHUTTING_DOWN.
   *
   * <p>Ranges that are out and lie below the end stay valid. One that reaches beyond it fails to be
   * read and never shows other bytes; a replica hands out none, because a follower does not
   * truncate below the high watermark.
   */
  public CompletionStage<Long> truncateTo(long offset) {
    Attachment attached = inLoop();
    WeirException refused = refusedMove();
    return refused == null
        ? end.truncateTo(offset, settings, time.wallMillis(), attached.flusher())
        : CompletableFuture.failedFuture(refused);
  }

  /**
   * Removes everything, and what is appended next begins at the offset: for a follower whose log
   * ends below its leader's start. As {@link #truncateTo} otherwise.
   *
   * @param offset not below the log's end
   */
  public CompletionStage<Long> truncateFullyAndStartAt(long offset) {
    Attachment attached = inLoop();
    WeirException refused = refusedMove();
    return refused == null
        ? end.startAnewAt(offset, attached.flusher())
        : CompletableFuture.failedFuture(refused);
  }

  /** Where a leader epoch ends in this log, for a follower that looks where they diverge. */
  public EpochEnd endOffsetFor(int epoch) {
    return contents.epochs().endOf(epoch, contents.logEndOffset());
  }

  private String isClosed() {
    return home.partition() + " is closed on this broker";
  }

  private @Nullable WeirException refusedMove() {
    String offline = contents.offline();
    if (closed) {
      return new WeirException(ErrorCode.SHUTTING_DOWN, isClosed());
    }
    if (offline != null) {
      return new WeirException(ErrorCode.STORAGE_OFFLINE, offline);
    }
    return end.isMoving()
        ? new WeirException(ErrorCode.OVERLOADED, home.partition() + " is being truncated")
        : null;
  }

  /**
   * Deletes what the retention settings do not keep, and forgets producers that have been silent
   * for too long. Only decides; the disk work follows on a flush thread.
   *
   * @param nowMillis the time as {@link RetentionClock} has it
   * @param limitOffsetExclusive segments that reach beyond it stay (high watermark)
   */
  public void retain(long nowMillis, long limitOffsetExclusive) {
    Attachment attached = inLoop();
    if (refusedMove() != null) {
      return;
    }
    upkeep.retain(settings.retention(), nowMillis, limitOffsetExclusive, attached.flusher());
  }

  /**
   * How much of the log {@link #clean} would find to do. A log whose records may not wait any
   * longer ({@code max.compaction.lag.ms}) completes its active segment for it.
   *
   * @param nowMillis the time as {@link RetentionClock} has it
   * @param limitOffsetExclusive records from it on stay as they are (high watermark, last stable
   *     offset)
   */
  public CleanableShare cleanable(long nowMillis, long limitOffsetExclusive) {
    Attachment attached = inLoop();
    if (refusedMove() != null || !settings.compaction().compacts()) {
      return CleanableShare.NONE;
    }
    return upkeep.cleanable(compaction(nowMillis), limitOffsetExclusive, attached.flusher());
  }

  /**
   * Compacts the log: of records with equal keys in its completed segments the last one stays, at
   * its offset; tombstones go after {@code delete.retention.ms}. Ranges that are out stay valid,
   * appends and reads go on meanwhile. Closing or deleting the log abandons it. Completes in the
   * loop; fails with an exception that says why, and {@link #uncleanable} tells whether another
   * attempt makes sense before the log is opened again.
   *
   * @param executor runs the blocking disk work ({@code weir-clean-n}), one task at a time
   */
  public CompletionStage<CleaningReport> clean(
      long nowMillis, long limitOffsetExclusive, Executor executor, CleaningLimits limits) {
    Attachment attached = inLoop();
    WeirException refused = refusedMove();
    if (refused != null) {
      return CompletableFuture.failedFuture(refused);
    }
    return cleaner.clean(
        attached.loop(),
        executor,
        attached.flusher(),
        settings,
        compaction(nowMillis),
        limitOffsetExclusive,
        limits);
  }

  /** Why the log is not compacted any more before it is opened again; null when it is. */
  public @Nullable String uncleanable() {
    inLoop();
    return cleaner.uncleanable();
  }

  private Compaction compaction(long nowMillis) {
    return new Compaction(settings.compaction(), nowMillis, time.nanos());
  }

  /** First readable offset. */
  public long logStartOffset() {
    return contents.logStartOffset();
  }

  /** The offset the next record gets. */
  public long logEndOffset() {
    return contents.logEndOffset();
  }

  /** Everything below is on stable storage. */
  public long flushedOffset() {
    return contents.flushedOffset();
  }

  /** The epoch of the newest batch's leader, -1 when there is none. */
  public int latestLeaderEpoch() {
    return contents.epochs().latest();
  }

  /** Bytes of batches on disk. */
  public long sizeInBytes() {
    return contents.segments().sizeInBytes();
  }

  /** Whether the log takes no appends (any more); what is whole can still be read. */
  public boolean isOffline() {
    return contents.offline() != null;
  }

  /** One sentence why the log is offline; empty while it is not. */
  public String offlineReason() {
    String reason = contents.offline();
    return reason == null ? "" : reason;
  }

  /** Takes changed settings, from the next append on; what concerns reading from the next open. */
  public void reconfigure(LogSettings changed) {
    inLoop();
    settings = changed;
    if (!changed.compaction().compacts()) {
      cleaner.abandon();
    }
    appender.reconfigure(changed);
    contents.indexEvery(changed.indexIntervalBytes());
  }

  /** The settings in force. */
  public LogSettings settings() {
    return settings;
  }

  /**
   * Closes cleanly: everything is flushed, the indexes get their final size, the producer state is
   * saved and a marker lets the next open skip the scan. Ranges that are out stay valid. Completes
   * on a flush thread.
   */
  public CompletionStage<Void> close() {
    Attachment attached = inLoop();
    return end(
        attached,
        () -> {
          if (contents.offline() != null || contents.isAsMarked()) {
            return closer(attached).abandon();
          }
          Segment active = contents.segments().active();
          active.seal();
          long firstMillis = time.wallMillis() - active.age().sinceFirst(time.nanos());
          return closer(attached).close(attached.flusher().lastPlan(), firstMillis);
        });
  }

  /**
   * Deletes the log: its directory is renamed to {@code <directory>.<uuid>-delete} and removed when
   * no range is out any more. Completes on a flush thread after the rename is durable.
   */
  public CompletionStage<Void> delete(UUID uuid) {
    Attachment attached = inLoop();
    return end(attached, () -> closer(attached).delete(uuid));
  }

  private CompletionStage<Void> end(Attachment attached, Supplier<CompletionStage<Void>> work) {
    if (closed) {
      return CompletableFuture.failedFuture(
          new IllegalStateException(home.partition() + " was closed already"));
    }
    closed = true;
    CompletableFuture<Void> done = new CompletableFuture<>();
    Runnable last =
        () ->
            work.get()
                .whenComplete(
                    (nothing, failure) -> {
                      if (failure == null) {
                        done.complete(null);
                      } else {
                        done.completeExceptionally(failure);
                      }
                    });
    end.stop();
    cleaner.stop(() -> attached.flusher().stop(last));
    return done;
  }

  private LogCloser closer(Attachment attached) {
    return new LogCloser(home, contents, attached.executor());
  }

  private Attachment inLoop() {
    Attachment attached = attachment;
    if (attached == null) {
      throw new IllegalStateException(home.partition() + " is not attached to a loop");
    }
    attached.loop().assertInLoop();
    return attached;
  }

  @Override
  public String toString() {
    return "log " + home.partition();
  }
}
