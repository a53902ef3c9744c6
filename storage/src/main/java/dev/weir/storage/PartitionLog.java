package dev.weir.storage;

import dev.weir.core.loop.PartitionLoop;
import dev.weir.core.time.Time;
import dev.weir.core.topic.TopicPartition;
import dev.weir.storage.disk.LogFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * The records of one partition on this broker's disk.
 *
 * <p>Opened on a {@code weir-recovery-n} thread, then owned by one {@link PartitionLoop}: every method but {@link #open}
 * is called in the loop given to {@link #attach} and none of them waits for the disk beyond page-cache writes.
 */
public final class PartitionLog {
  private PartitionLog() {}

  /**
   * Opens or creates the log in {@code directory}, recovering it from a crash when needed. Blocks.
   *
   * @throws IOException the directory cannot be read or written; damage inside the log is no exception but a log that
   *     {@linkplain #isOffline() is offline}
   */
  public static OpenedLog open(
      TopicPartition partition, Path directory, LogSettings settings, LogFiles files, Time time) throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * Gives the log to its loop. Once, before anything else.
   *
   * @param flushExecutor runs blocking disk work ({@code weir-flush-n}); at most one task of this log at a time
   */
  public void attach(PartitionLoop loop, Executor flushExecutor, LogListener listener) {
    throw new UnsupportedOperationException();
  }

  /**
   * Checks a producer's batch, gives it offsets and writes it at the end of the log, into the page cache. The bytes are
   * written from the buffer itself, which is not changed and not kept.
   *
   * @param batch exactly one batch between position and limit
   * @param leaderEpoch written into the batch
   */
  public AppendOutcome append(ByteBuffer batch, int leaderEpoch) {
    throw new UnsupportedOperationException();
  }

  /**
   * Asks that everything appended so far be flushed; {@link LogListener#onFlushed} tells when. Cheap: requests made
   * while a flush is under way share the next one.
   */
  public void requestFlush() {
    throw new UnsupportedOperationException();
  }

  /**
   * Finds whole batches from {@code offset} on.
   *
   * @param maxBytes the range is not longer, unless its only batch is
   * @param limitOffsetExclusive no batch that reaches this offset is in the range (high watermark, last stable offset)
   */
  public ReadOutcome read(long offset, int maxBytes, long limitOffsetExclusive) {
    throw new UnsupportedOperationException();
  }

  /** Prepares the search for the first record at or after {@code timestamp} and below the limit. */
  public OffsetLookup offsetForTimestamp(long timestamp, long limitOffsetExclusive) {
    throw new UnsupportedOperationException();
  }

  /** First readable offset. */
  public long logStartOffset() {
    throw new UnsupportedOperationException();
  }

  /** The offset the next record gets. */
  public long logEndOffset() {
    throw new UnsupportedOperationException();
  }

  /** Everything below is on stable storage. */
  public long flushedOffset() {
    throw new UnsupportedOperationException();
  }

  /** Bytes of batches on disk. */
  public long sizeInBytes() {
    throw new UnsupportedOperationException();
  }

  /** Whether the log takes no appends (any more). */
  public boolean isOffline() {
    throw new UnsupportedOperationException();
  }

  /** The settings the log was opened with. */
  public LogSettings settings() {
    throw new UnsupportedOperationException();
  }

  /**
   * Closes cleanly: everything is flushed, the indexes get their final size, the producer state is saved and a marker lets
   * the next open skip the scan. Ranges that are out stay valid. Completes on a flush thread.
   */
  public CompletionStage<Void> close() {
    throw new UnsupportedOperationException();
  }

  /**
   * Deletes the log: its directory is renamed to {@code <directory>.<uuid>-delete} and removed when no range is out any
   * more. Completes on a flush thread after the rename is durable.
   */
  public CompletionStage<Void> delete(UUID uuid) {
    throw new UnsupportedOperationException();
  }
}
