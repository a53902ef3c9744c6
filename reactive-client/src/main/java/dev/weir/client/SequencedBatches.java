package dev.weir.client;

import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The batches of one partition from the oldest unanswered one on, in the order of their sequences:
 * at most as many as the broker recognises again. Stored ones stay until the oldest is answered,
 * because the broker's memory counts them too. Owned by the producer's loop.
 */
final class SequencedBatches {
  /** What the broker remembers per producer and partition. */
  static final int MAX = 5;

  private static final int NO_HOLE = -1;

  private final ArrayDeque<ProducerBatch> batches = new ArrayDeque<>(MAX); // the first unanswered
  private int nextSequence;
  private int holeSequence = NO_HOLE; // of the first batch refused for good with others behind it

  boolean isEmpty() {
    return batches.isEmpty();
  }

  boolean isFull() {
    return batches.size() >= MAX;
  }

  boolean isFirst(ProducerBatch batch) {
    return batches.peekFirst() == batch;
  }

  /** Those not stored yet, in order; a copy. */
  List<ProducerBatch> unanswered() {
    return batches.stream().filter(batch -> !batch.progress.stored).toList();
  }

  /** The first that is neither stored nor on the wire. */
  @Nullable ProducerBatch firstToSend() {
    for (ProducerBatch batch : batches) {
      if (!batch.progress.onWire && !batch.progress.stored) {
        return batch;
      }
    }
    return null;
  }

  /** Appends a batch and stamps it with the next sequence; without an id it gets none. */
  void add(ProducerBatch batch, ProducerIdentity.@Nullable Id id) {
    batches.addLast(batch);
    if (id != null) {
      stampNext(batch, id);
    }
  }

  void markStored(ProducerBatch batch) {
    batch.progress.stored = true;
    dropStoredFirst();
  }

  /** Drops a batch that may or may not have used up its sequence. */
  void remove(ProducerBatch batch) {
    batches.remove(batch);
    dropStoredFirst();
  }

  /**
   * Drops a batch that certainly was not stored: the next one sent has its sequence.
   *
   * @return whether there are batches behind it, which {@link #closeHole} has to renumber
   */
  boolean removeRefused(ProducerBatch batch) {
    boolean numberKept = !batch.progress.resequence;
    boolean behind = false;
    boolean others = false;
    for (ProducerBatch each : batches) {
      if (behind) {
        each.progress.resequence = true;
        others = true;
      }
      behind |= each == batch;
    }
    if (numberKept && others) {
      holeSequence = batch.progress.baseSequence;
    } else if (numberKept) {
      nextSequence = batch.progress.baseSequence;
    }
    remove(batch);
    return others;
  }

  /** Gives the batches behind a hole the sequences from the hole on; when none is on the wire. */
  void closeHole(ProducerIdentity.@Nullable Id id) {
    if (holeSequence == NO_HOLE || id == null) {
      return;
    }
    nextSequence = holeSequence;
    holeSequence = NO_HOLE;
    for (ProducerBatch batch : batches) {
      if (batch.progress.resequence) {
        batch.progress.resequence = false;
        stampNext(batch, id);
      }
    }
  }

  /**
   * Begins at sequence 0 under a new id with those that are not stored; when none is on the wire.
   */
  void restart(ProducerIdentity.Id id) {
    nextSequence = 0;
    holeSequence = NO_HOLE;
    batches.removeIf(batch -> batch.progress.stored);
    for (ProducerBatch batch : batches) {
      batch.progress.resequence = false;
      batch.progress.ambiguous = false;
      stampNext(batch, id);
    }
  }

  private void stampNext(ProducerBatch batch, ProducerIdentity.Id id) {
    batch.stamp(id, nextSequence);
    nextSequence = sequenceAfter(nextSequence, batch.recordCount());
  }

  /** Sequences go on at 0 after 2^31 - 1. */
  static int sequenceAfter(int sequence, int records) {
    int room = Integer.MAX_VALUE - sequence;
    return records > room ? records - room - 1 : sequence + records;
  }

  private void dropStoredFirst() {
    for (ProducerBatch first = batches.peekFirst();
        first != null && first.progress.stored;
        first = batches.peekFirst()) {
      batches.removeFirst();
    }
  }
}
