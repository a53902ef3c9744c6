package dev.weir.storage;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.record.RecordBatch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the log knows of its idempotent producers. Changed only by batches that are in the log, so
 * that appending and replaying give the same. Owned by the log's loop.
 */
final class ProducerStates {
  private final Map<Long, ProducerState> byId = new HashMap<>();

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

  void onBatch(StoredBatch stored, long nowMillis) {
    RecordBatch batch = stored.batch();
    if (!batch.hasProducerId() || batch.isControl()) {
      return;
    }
    ProducerState state = find(batch.producerId());
    if (state == null) {
      state = new ProducerState(batch.producerId());
      byId.put(batch.producerId(), state);
      latest = state;
    }
    state.onBatch(stored, nowMillis);
  }

  void put(ProducerState state) {
    byId.put(state.producerId(), state);
    latest = null;
  }

  /**
   * Forgets producers that have not appended since; bounds what many short-lived ones leave behind.
   */
  void expireBefore(long millis) {
    byId.values().removeIf(state -> state.lastAppendMillis() < millis);
    latest = null;
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
