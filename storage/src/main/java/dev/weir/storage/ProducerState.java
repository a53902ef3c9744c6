package dev.weir.storage;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.record.EndTransactionMarker;
import dev.weir.core.record.RecordBatch;

/**
 * One idempotent producer's last five batches in this partition (KIP-98; five is what its client
 * may have in flight), and its transaction if one is open. Owned by {@link ProducerStates}.
 */
final class ProducerState {
  static final int REMEMBERED = 5;

  /** No coordinator has ended a transaction of this producer here. */
  static final int NO_COORDINATOR = -1;

  /** In place of the first offset of an open transaction. */
  static final long NO_TRANSACTION = -1;

  /** Sequences run from 0 to 2^31-1 and start over. */
  private static final int SEQUENCE_MASK = Integer.MAX_VALUE;

  private final long producerId;
  private final int[] baseSequences = new int[REMEMBERED];
  private final int[] offsetDeltas = new int[REMEMBERED];
  private final long[] lastOffsets = new long[REMEMBERED];
  private short epoch = -1;
  private int count;
  private int newest = -1;
  private long lastAppendMillis;
  private int coordinatorEpoch = NO_COORDINATOR;
  private long openSince = NO_TRANSACTION;

  ProducerState(long producerId) {
    this.producerId = producerId;
  }

  SequenceVerdict judge(RecordBatch batch) {
    short batchEpoch = batch.producerEpoch();
    if (batchEpoch < epoch) {
      return new SequenceVerdict.Refused(
          ErrorCode.FENCED_PRODUCER,
          "producer "
              + producerId
              + " has epoch "
              + epoch
              + " by now; this batch has epoch "
              + batchEpoch);
    }
    int base = batch.baseSequence();
    if (batchEpoch > epoch) {
      return base == 0
          ? SequenceVerdict.Next.INSTANCE
          : outOfOrder(
              "the first batch of epoch " + batchEpoch + " has sequence " + base + ", expected 0");
    }
    int last = batch.lastSequence();
    for (int back = 0; back < count; back++) {
      int slot = slot(back);
      if (baseSequences[slot] == base && lastSequence(slot) == last) {
        return new SequenceVerdict.Repeat(
            lastOffsets[slot] - offsetDeltas[slot], lastOffsets[slot]);
      }
    }
    int expected = (lastSequence() + 1) & SEQUENCE_MASK;
    if (base == expected) {
      return SequenceVerdict.Next.INSTANCE;
    }
    if (isBefore(last, expected)) {
      return new SequenceVerdict.Refused(
          ErrorCode.DUPLICATE_SEQUENCE,
          "producer "
              + producerId
              + " appended sequence "
              + base
              + " long ago; the next one is "
              + expected);
    }
    return outOfOrder("sequence " + base + " came, expected " + expected);
  }

  /** Whether a coordinator may end this producer's transaction by the marker. */
  SequenceVerdict judge(EndTransactionMarker marker) {
    if (marker.producerEpoch() < epoch) {
      return new SequenceVerdict.Refused(
          ErrorCode.FENCED_PRODUCER,
          "producer "
              + producerId
              + " has epoch "
              + epoch
              + " by now; this marker has epoch "
              + marker.producerEpoch());
    }
    if (marker.coordinatorEpoch() < coordinatorEpoch) {
      return new SequenceVerdict.Refused(
          ErrorCode.FENCED_COORDINATOR,
          "a coordinator of epoch "
              + coordinatorEpoch
              + " has ended a transaction of producer "
              + producerId
              + "; this marker has coordinator epoch "
              + marker.coordinatorEpoch());
    }
    return SequenceVerdict.Next.INSTANCE;
  }

  /** Takes note of a batch that is in the log. */
  void onBatch(StoredBatch stored, long nowMillis) {
    RecordBatch batch = stored.batch();
    add(batch.producerEpoch(), batch.baseSequence(), batch.lastOffsetDelta(), stored.lastOffset());
    lastAppendMillis = nowMillis;
  }

  void beginTransaction(long firstOffset) {
    openSince = firstOffset;
  }

  /** Takes note of a marker that is in the log. A higher epoch starts over at sequence 0. */
  void endTransaction(EndTransactionMarker marker, long nowMillis) {
    if (marker.producerEpoch() != epoch) {
      resetTo(marker.producerEpoch());
    }
    coordinatorEpoch = marker.coordinatorEpoch();
    openSince = NO_TRANSACTION;
    lastAppendMillis = nowMillis;
  }

  /** Epoch and transaction of a producer whose batches are added next, as a file has them. */
  void restore(short savedEpoch, int savedCoordinatorEpoch, long savedOpenSince) {
    resetTo(savedEpoch);
    coordinatorEpoch = savedCoordinatorEpoch;
    openSince = savedOpenSince;
  }

  private void resetTo(short newEpoch) {
    epoch = newEpoch;
    count = 0;
  }

  /** Takes note of a batch, older ones first. */
  void add(short batchEpoch, int baseSequence, int offsetDelta, long lastOffset) {
    if (batchEpoch != epoch) {
      resetTo(batchEpoch);
    }
    newest = (newest + 1) % REMEMBERED;
    baseSequences[newest] = baseSequence;
    offsetDeltas[newest] = offsetDelta;
    lastOffsets[newest] = lastOffset;
    count = Math.min(count + 1, REMEMBERED);
  }

  void appendedAt(long millis) {
    lastAppendMillis = millis;
  }

  long producerId() {
    return producerId;
  }

  short epoch() {
    return epoch;
  }

  /** Whether a transaction is open. */
  boolean inTransaction() {
    return openSince != NO_TRANSACTION;
  }

  /** First offset of the open transaction, or {@link #NO_TRANSACTION}. */
  long openSince() {
    return openSince;
  }

  /** Epoch of the coordinator that wrote the newest marker, or {@link #NO_COORDINATOR}. */
  int coordinatorEpoch() {
    return coordinatorEpoch;
  }

  /** How many batches are remembered; 0 when the epoch began with a marker. */
  int count() {
    return count;
  }

  /** Base sequence of the batch so many before the newest. */
  int baseSequence(int back) {
    return baseSequences[slot(back)];
  }

  int offsetDelta(int back) {
    return offsetDeltas[slot(back)];
  }

  long lastOffset(int back) {
    return lastOffsets[slot(back)];
  }

  /** Last sequence of the newest batch, -1 when none is remembered. */
  int lastSequence() {
    return count == 0 ? -1 : lastSequence(newest);
  }

  /** Broker's wall clock at the newest append, milliseconds since 1970. */
  long lastAppendMillis() {
    return lastAppendMillis;
  }

  private int slot(int back) {
    return Math.floorMod(newest - back, REMEMBERED);
  }

  private int lastSequence(int slot) {
    return (baseSequences[slot] + offsetDeltas[slot]) & SEQUENCE_MASK;
  }

  /** Whether a sequence lies in the half of the circle before another. */
  private static boolean isBefore(int sequence, int other) {
    int distance = (other - sequence) & SEQUENCE_MASK;
    return distance > 0 && distance <= SEQUENCE_MASK / 2;
  }

  private SequenceVerdict outOfOrder(String what) {
    return new SequenceVerdict.Refused(
        ErrorCode.OUT_OF_ORDER_SEQUENCE,
        "producer " + producerId + ", epoch " + epoch + ": " + what);
  }
}
