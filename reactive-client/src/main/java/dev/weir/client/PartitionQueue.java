package dev.weir.client;

import dev.weir.core.record.RecordHeader;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Batches of one partition that wait to be sent. Publishers' threads fill the last one, the
 * producer's loop takes the first one; the lock is held for an append or a look, never while a
 * batch is compressed.
 */
final class PartitionQueue {
  /** What became of a record that was to be appended. */
  enum Appended {
    YES,
    /** The open batch was full and has been closed; the record was not taken. */
    BATCH_ENDED
  }

  private final PartitionTarget target;
  private final BatchSource source;
  private final Runnable onReady;
  private final AtomicBoolean signalled = new AtomicBoolean();
  private final ArrayDeque<ProducerBatch> batches = new ArrayDeque<>(); // guarded by this
  private @Nullable ProducerBatch open; // the last of batches, or null; guarded by this

  /**
   * @param onReady told, on any thread, that the loop should look; not again before {@link
   *     #clearSignal}
   */
  PartitionQueue(PartitionTarget target, BatchSource source, Runnable onReady) {
    this.target = target;
    this.source = source;
    this.onReady = onReady;
  }

  /**
   * Adds a record to the open batch, or to a new one.
   *
   * @param stay whether a full batch is followed by another; otherwise BATCH_ENDED
   */
  Appended append(
      RunReceiver receiver,
      long timestamp,
      byte @Nullable [] key,
      byte @Nullable [] value,
      List<RecordHeader> headers,
      @Nullable Object correlation,
      boolean stay) {
    ProducerBatch full = null;
    boolean appended = false;
    int grown = 0;
    synchronized (this) {
      if (open != null) {
        grown = open.append(receiver, timestamp, key, value, headers, correlation);
        if (grown > 0) {
          source.onAppended(grown);
          return Appended.YES;
        }
        full = open;
        open = null;
      }
      if (full == null || stay) {
        ProducerBatch next = source.newBatch(target);
        grown = next.append(receiver, timestamp, key, value, headers, correlation);
        open = next;
        batches.addLast(next);
        appended = true;
      }
    }
    if (appended) {
      source.onAppended(grown);
    }
    if (full != null) {
      source.seal(full);
    }
    signal();
    return appended ? Appended.YES : Appended.BATCH_ENDED;
  }

  /**
   * The next batch that may be sent, sealed; null when there is none yet.
   *
   * @param openToo whether the batch that is still being filled counts
   */
  @Nullable ProducerBatch poll(boolean openToo) {
    ProducerBatch first;
    boolean unsealed;
    synchronized (this) {
      first = batches.peekFirst();
      if (first == null) {
        return null;
      }
      unsealed = first == open;
      if (unsealed ? !openToo : !first.isSealed()) {
        return null; // not due, or its sealer is at work and will signal
      }
      if (unsealed) {
        open = null;
      }
      batches.pollFirst();
    }
    if (unsealed) {
      source.seal(first);
    }
    return first;
  }

  /** When the first batch was begun; Long.MAX_VALUE when there is none. */
  synchronized long firstCreatedNanos() {
    ProducerBatch first = batches.peekFirst();
    return first == null ? Long.MAX_VALUE : first.createdNanos;
  }

  synchronized boolean isEmpty() {
    return batches.isEmpty();
  }

  /** From here on {@code onReady} is called again; before the loop looks. */
  void clearSignal() {
    signalled.set(false);
  }

  private void signal() {
    if (signalled.compareAndSet(false, true)) {
      onReady.run();
    }
  }
}
