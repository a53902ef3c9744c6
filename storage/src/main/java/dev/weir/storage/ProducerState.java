package dev.weir.storage;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.record.RecordBatch;

/**
 * One idempotent producer's last five batches in this partition (KIP-98; five is what its client
 * may have in flight). Owned by {@link ProducerStates}.
 */
final class ProducerState {
  static final int REMEMBERED = 5;

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
    int expected = (lastSequence(newest) + 1) & SEQUENCE_MASK;
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

  /** Takes note of a batch that is in the log. */
  void onBatch(StoredBatch stored, long nowMillis) {
    RecordBatch batch = stored.batch();
    add(batch.producerEpoch(), batch.baseSequence(), batch.lastOffsetDelta(), stored.lastOffset());
    lastAppendMillis = nowMillis;
  }

  /** Takes note of a batch, older ones first. */
  void add(short batchEpoch, int baseSequence, int offsetDelta, long lastOffset) {
    if (batchEpoch != epoch) {
      epoch = batchEpoch;
      count = 0;
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

  /** How many batches are remembered, at least 1 once one was added. */
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

  /** Last sequence of the newest batch. */
  int lastSequence() {
    return lastSequence(newest);
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
