package dev.weir.storage;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.record.EndTransactionMarker;
import dev.weir.core.record.RecordBatch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the log knows of its idempotent producers and their transactions. Changed only by batches
 * that are in the log, so that appending and replaying give the same. Owned by the log's loop.
 */
final class ProducerStates {
  private final Map<Long, ProducerState> byId = new HashMap<>();
  private final UnstableOffsets unstable = new UnstableOffsets();

  /** Most batches come from the producer of the batch before: found without hashing. */
  private @Nullable ProducerState latest;

  SequenceVerdict judge(RecordBatch batch) {
    if (!batch.hasProducerId()) {
      return SequenceVerdict.Next.INSTANCE;
    }
    ProducerState state = find(batch.producerId());
    if (state != null) {
      return state.judge(batch);
    }
    if (batch.baseSequence() != 0) {
      return new SequenceVerdict.Refused(
          ErrorCode.UNKNOWN_PRODUCER_ID,
          "nothing is known here of producer "
              + batch.producerId()
              + ", and its sequence "
              + batch.baseSequence()
              + " is not a first one");
    }
    return SequenceVerdict.Next.INSTANCE;
  }

  SequenceVerdict judge(EndTransactionMarker marker) {
    ProducerState state = find(marker.producerId());
    return state == null ? SequenceVerdict.Next.INSTANCE : state.judge(marker);
  }

  /** First offset of the producer's open transaction, or {@link ProducerState#NO_TRANSACTION}. */
  long openSince(long producerId) {
    ProducerState state = find(producerId);
    return state == null ? ProducerState.NO_TRANSACTION : state.openSince();
  }

  /** Epoch of the producer's newest batch or marker, -1 when nothing is known of it. */
  short epochOf(long producerId) {
    ProducerState state = find(producerId);
    return state == null ? -1 : state.epoch();
  }

  /** Everything below is decided; at most the high watermark. */
  long lastStableOffset(long highWatermark) {
    return unstable.lastStableOffset(highWatermark);
  }

  /** Takes note of a batch that is in the log; returns the transaction that it aborts. */
  @Nullable AbortedTransaction onBatch(StoredBatch stored, long nowMillis) {
    RecordBatch batch = stored.batch();
    if (!batch.hasProducerId()) {
      return null;
    }
    if (batch.isControl()) {
      EndTransactionMarker marker = EndTransactionMarker.of(batch);
      return marker == null ? null : onMarker(marker, stored.baseOffset(), nowMillis);
    }
    ProducerState state = findOrAdd(batch.producerId());
    state.onBatch(stored, nowMillis);
    // what compaction has emptied shows nothing that would have to wait for its marker
    if (batch.isTransactional() && !state.inTransaction() && batch.recordCount() > 0) {
      state.beginTransaction(stored.baseOffset());
      unstable.onBegin(stored.baseOffset());
    }
    return null;
  }

  private @Nullable AbortedTransaction onMarker(
      EndTransactionMarker marker, long offset, long nowMillis) {
    ProducerState state = findOrAdd(marker.producerId());
    long first = state.openSince();
    state.endTransaction(marker, nowMillis);
    if (first == ProducerState.NO_TRANSACTION) {
      return null;
    }
    long stable = unstable.onEnd(first, offset);
    return marker.aborts()
        ? new AbortedTransaction(marker.producerId(), first, offset, stable)
        : null;
  }

  private ProducerState findOrAdd(long producerId) {
    ProducerState state = find(producerId);
    if (state == null) {
      state = new ProducerState(producerId);
      byId.put(producerId, state);
      latest = state;
    }
    return state;
  }

  void put(ProducerState state) {
    byId.put(state.producerId(), state);
    latest = null;
    if (state.inTransaction()) {
      unstable.onBegin(state.openSince());
    }
  }

  /**
   * Forgets producers that have not appended since and have no transaction open; bounds what many
   * short-lived ones leave behind.
   */
  void expireBefore(long millis) {
    byId.values().removeIf(state -> state.lastAppendMillis() < millis && !state.inTransaction());
    latest = null;
  }

  /**
   * By what a replay would know of a producer what it knows now: its newest batch, or the marker
   * that began its epoch.
   *
   * @param lastOffset of the batch; -1 when the epoch has none yet
   */
  record Newest(short epoch, long lastOffset) {
    boolean isBatch(RecordBatch batch) {
      return !batch.isControl() && batch.lastOffset() == lastOffset;
    }

    boolean isMarker(RecordBatch batch) {
      return batch.isControl() && lastOffset < 0 && batch.producerEpoch() == epoch;
    }
  }

  /** By producer id. */
  Map<Long, Newest> newest() {
    Map<Long, Newest> newest = new HashMap<>();
    byId.forEach(
        (id, state) ->
            newest.put(
                id, new Newest(state.epoch(), state.count() == 0 ? -1 : state.lastOffset(0))));
    return newest;
  }

  /** Ids of those that have a transaction open. */
  List<Long> inTransaction() {
    return byId.values().stream()
        .filter(ProducerState::inTransaction)
        .map(ProducerState::producerId)
        .toList();
  }

  int count() {
    return byId.size();
  }

  /** By producer id, so that equal states give equal files. */
  List<ProducerState> sorted() {
    List<ProducerState> states = new ArrayList<>(byId.values());
    states.sort(Comparator.comparingLong(ProducerState::producerId));
    return states;
  }

  private @Nullable ProducerState find(long producerId) {
    ProducerState candidate = latest;
    if (candidate == null || candidate.producerId() != producerId) {
      candidate = byId.get(producerId);
      latest = candidate;
    }
    return candidate;
  }
}
