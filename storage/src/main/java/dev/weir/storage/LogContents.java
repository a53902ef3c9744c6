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
  private final ProducerStates producers;
  private final LeaderEpochs epochs;
  private int indexIntervalBytes;
  private long logStartOffset;
  private long logEndOffset;
  private long flushedOffset;
  private @Nullable String offline;

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

  /** Nothing below is readable any more, and these segments are no part of the log. */
  void startAt(long offset, List<Segment> gone) {
    logStartOffset = offset;
    epochs.startAt(offset);
    gone.forEach(segment -> segments.removeFirst());
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
