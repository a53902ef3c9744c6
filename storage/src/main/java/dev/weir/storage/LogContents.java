package dev.weir.storage;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is in a log, in memory: its segments, producers and leader epochs. Each of them changes only
 * by its {@code onBatch}, which an append reaches through {@link #onBatch} and {@link LogReplay}
 * one by one, because a snapshot or an index may already have what a batch says. Owned by the log's
 * loop.
 */
final class LogContents {
  private final Segments segments;
  private ProducerStates producers;
  private final LeaderEpochs epochs;
  private int indexIntervalBytes;
  private long logStartOffset;
  private long logEndOffset;
  private long flushedOffset;
  private @Nullable String offline;

  /** End of the log as the marker of a clean shutdown has it, which is on disk; -1 without one. */
  private long markedEnd = -1;

  private boolean changedSinceMarked;

  LogContents(
      Segments segments, ProducerStates producers, LeaderEpochs epochs, int indexIntervalBytes) {
    this.segments = segments;
    this.producers = producers;
    this.epochs = epochs;
    this.indexIntervalBytes = indexIntervalBytes;
  }

  /** Takes note of a batch that now ends the active segment's file. */
  void onBatch(StoredBatch batch, long nowMillis) {
    segments.active().onBatch(batch, indexIntervalBytes);
    AbortedTransaction aborted = producers.onBatch(batch, nowMillis);
    if (aborted != null) {
      segments.active().aborted().add(aborted);
    }
    epochs.onBatch(batch.leaderEpoch(), batch.baseOffset());
    logEndOffset = batch.nextOffset();
    changedSinceMarked = true;
  }

  /** Bytes between index entries from the next batch on. */
  void indexEvery(int bytes) {
    indexIntervalBytes = bytes;
  }

  /** What recovery found: the log ends here and all of it is on stable storage. */
  void endsAt(long offset) {
    logEndOffset = offset;
    flushedOffset = offset;
  }

  /** The marker on disk tells all of this log, as long as nothing changes. */
  void closedCleanlyAt(long endOffset) {
    markedEnd = endOffset;
    changedSinceMarked = false;
  }

  /** The log's end in the marker that is on disk, -1 without one. */
  long markedEnd() {
    return markedEnd;
  }

  /** The marker is not on disk any more. */
  void markerIsGone() {
    markedEnd = -1;
  }

  /** Whether the disk says all that is to be said: a close has nothing to write. */
  boolean isAsMarked() {
    return markedEnd >= 0 && !changedSinceMarked;
  }

  /** Nothing below is readable any more, and these segments are no part of the log. */
  void startAt(long offset, List<Segment> gone) {
    logStartOffset = offset;
    changedSinceMarked = true;
    epochs.startAt(offset);
    gone.forEach(segment -> segments.removeFirst());
  }

  /** The end was moved; returns the segments that are no part of the log any more. */
  List<Segment> onEndMoved(EndMove.Moved moved) {
    changedSinceMarked = true;
    producers = moved.producers();
    epochs.endAt(moved.startOffset() == logStartOffset ? moved.endOffset() : 0);
    logStartOffset = moved.startOffset();
    logEndOffset = moved.endOffset();
    flushedOffset = moved.endOffset(); // it followed a flush of everything
    return segments.replaceFrom(moved.keptBelow(), moved.active());
  }

  void flushedTo(long offset) {
    flushedOffset = Math.max(flushedOffset, offset);
  }

  /**
   * No batch may be added any more. Returns false when that was so before; the first reason stays.
   */
  boolean takeOffline(String reason) {
    if (offline != null) {
      return false;
    }
    offline = reason;
    return true;
  }

  Segments segments() {
    return segments;
  }

  ProducerStates producers() {
    return producers;
  }

  /** Nothing of an undecided transaction lies below; at most the high watermark. */
  long lastStableOffset(long highWatermark) {
    return Math.max(
        Math.min(highWatermark, logStartOffset), producers.lastStableOffset(highWatermark));
  }

  LeaderEpochs epochs() {
    return epochs;
  }

  long logStartOffset() {
    return logStartOffset;
  }

  long logEndOffset() {
    return logEndOffset;
  }

  long flushedOffset() {
    return flushedOffset;
  }

  /** One sentence why the log takes no batches; null when it does. */
  @Nullable String offline() {
    return offline;
  }
}
