package dev.weir.storage;

import dev.weir.core.record.EndTransactionMarker;
import dev.weir.core.record.RecordBatch;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a cleaning knows of the transactions it comes past, from the log's first batch on: which
 * records are of aborted ones, and which markers still end something. One thread.
 *
 * <p>A marker is needed as long as a replay that begins before it would find its transaction open:
 * because a record of it was met on the way, also one that goes now, or because a producer snapshot
 * says so, from which recovery may begin. Without its marker the transaction would stay open for
 * ever, or take in records of the producer's next one.
 */
final class CleanedTransactions {
  private final boolean fromFirst;

  /** By producer and the offset of the marker. */
  private final Map<Long, NavigableMap<Long, AbortedTransaction>> aborted = new HashMap<>();

  private final Set<Long> open = new HashSet<>();
  private final Set<Long> hiding = new HashSet<>();

  /**
   * @param aborted all that reach into what is cleaned
   * @param fromFirst whether nothing of the log on disk lies before it; else no marker may go
   */
  CleanedTransactions(List<AbortedTransaction> aborted, boolean fromFirst) {
    this.fromFirst = fromFirst;
    for (AbortedTransaction each : aborted) {
      this.aborted
          .computeIfAbsent(each.producerId(), id -> new TreeMap<>())
          .put(each.lastOffset(), each);
    }
  }

  /** Whether the batch's records are not to be shown. In any order. */
  boolean isAborted(RecordBatch batch) {
    NavigableMap<Long, AbortedTransaction> ofProducer =
        batch.isTransactional() && !batch.isControl() ? aborted.get(batch.producerId()) : null;
    var next = ofProducer == null ? null : ofProducer.higherEntry(batch.lastOffset());
    return next != null && next.getValue().firstOffset() <= batch.baseOffset();
  }

  /** A snapshot of this offset shows these producers in a transaction. */
  void onSnapshot(Collection<Long> inTransaction) {
    open.addAll(inTransaction);
  }

  /**
   * A batch of records as it was before the cleaning.
   *
   * @param stays it is not touched
   */
  void onRecords(RecordBatch batch, boolean stays) {
    if (batch.isTransactional() && batch.recordCount() > 0) {
      open.add(batch.producerId());
      if (stays && isAborted(batch)) {
        hiding.add(batch.producerId());
      }
    }
  }

  /**
   * What a control batch is for.
   *
   * @param needed whether anything before it may still have to be ended by it
   * @param hides its transaction, when that was aborted and records of it stay
   */
  record Ending(boolean needed, @Nullable AbortedTransaction hides) {}

  Ending onControl(RecordBatch batch) {
    EndTransactionMarker marker = EndTransactionMarker.of(batch);
    if (marker == null) {
      return new Ending(batch.recordCount() > 0, null); // not known to us, or emptied before
    }
    long producer = marker.producerId();
    boolean ends = open.remove(producer);
    NavigableMap<Long, AbortedTransaction> ofProducer =
        hiding.remove(producer) ? aborted.get(producer) : null;
    return new Ending(
        ends || !fromFirst, ofProducer == null ? null : ofProducer.get(batch.baseOffset()));
  }
}
