package dev.weir.client;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.ProduceHeader;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * The order of one partition: at most five unanswered batches with consecutive sequences, repeated
 * with the same sequences until each is stored, refused for good, or past its deadline. Owned by
 * the producer's loop.
 *
 * <p>The argument: the broker appends a batch only when its sequence follows the last one it has,
 * and recognises each of the last five again. So repeating is always safe, and while an unanswered
 * batch is missing nothing behind it can be stored. A batch that was refused for good left a hole
 * that nothing has passed: those behind it take over its sequences. A batch whose outcome stays
 * unknown may have left a hole or not: then the producer needs a new id, under which those known
 * not to be stored are sent again.
 */
final class Outbox {
  /** What the broker remembers per producer and partition. */
  private static final int MAX_UNRESOLVED = 5;

  private final PartitionTarget target;
  private final PartitionQueue queue;
  private final OutboxContext context;
  // The first is unanswered, behind it there may be stored ones.
  private final ArrayDeque<ProducerBatch> unresolved = new ArrayDeque<>(MAX_UNRESOLVED);
  private int onWire;
  private int nextSequence;
  private int holeSequence = -1; // of the first batch refused with others behind it
  private boolean awaitAnswers; // nothing is sent until all that is on the wire is answered
  private boolean gap; // the broker misses a batch we cannot send again: waits for a new id
  private @Nullable BrokerSender sender; // null while no leader is known
  private boolean offered;
  private long notBeforeNanos;
  private boolean alarmSet;

  Outbox(PartitionTarget target, PartitionQueue queue, OutboxContext context) {
    this.target = target;
    this.queue = queue;
    this.context = context;
    this.notBeforeNanos = context.nanos();
  }

  PartitionTarget target() {
    return target;
  }

  PartitionQueue queue() {
    return queue;
  }

  /** Sends through the leader's sender from now on. */
  void moveTo(@Nullable BrokerSender leader) {
    sender = leader;
    offer();
  }

  boolean goesThrough(BrokerSender candidate) {
    return sender == candidate;
  }

  /** There may be something to send. */
  void offer() {
    if (sender != null) {
      sender.offer(this);
    }
  }

  /** The same; where no leader is known, has it looked for. */
  void offerOrRefresh() {
    if (sender == null) {
      context.refreshLeader(target);
    } else {
      sender.offer(this);
    }
  }

  /** False when it stands in a sender's line already. */
  boolean markOffered() {
    boolean first = !offered;
    offered = true;
    return first;
  }

  void clearOffered() {
    offered = false;
  }

  boolean isEmpty() {
    return unresolved.isEmpty() && queue.isEmpty();
  }

  /** Whether nothing that may be stored under the old producer id is open. */
  boolean isSettled() {
    return unresolved.isEmpty() || (gap && onWire == 0);
  }

  /** The batch to send now, marked as sent; null when there is none, or it is too early. */
  @Nullable ProducerBatch next() {
    if (gap || (awaitAnswers && onWire > 0)) {
      return null;
    }
    long wait = notBeforeNanos - context.nanos();
    if (wait > 0) {
      alarm(wait);
      return null;
    }
    if (awaitAnswers) {
      awaitAnswers = false;
      closeHole();
    }
    ProducerBatch batch = firstToRepeat();
    if (batch == null) {
      batch = nextNew();
    }
    if (batch != null) {
      batch.progress.onWire = true;
      onWire++;
    }
    return batch;
  }

  /** The message that tells what the batch is. */
  ByteBuffer header(long correlationId) {
    return ByteBuffer.wrap(
        ProduceHeader.newBuilder()
            .setCorrelationId(correlationId)
            .setTopicId(target.topicId())
            .setPartition(target.partition())
            .setAcks(context.acks())
            .build()
            .toByteArray());
  }

  void onStored(ProducerBatch batch, long baseOffset) {
    leaveWire(batch);
    batch.progress.stored = true;
    dropStoredFirst();
    context.resolve(batch, baseOffset, null);
  }

  /** The wire ended before an answer came. */
  void onLost(ProducerBatch batch, WeirException reason) {
    batch.progress.ambiguous = true;
    onError(batch, reason);
  }

  /** The leader cannot be reached. */
  void onUnreachable() {
    context.refreshLeader(target);
  }

  void onError(ProducerBatch batch, WeirException error) {
    ErrorCode code = error.code();
    if (code == ErrorCode.DUPLICATE_SEQUENCE) {
      onStored(batch, SendResult.UNKNOWN_OFFSET);
      return;
    }
    leaveWire(batch);
    batch.progress.lastError = error;
    if (!context.idempotent()) {
      remove(batch);
      context.resolve(batch, SendResult.UNKNOWN_OFFSET, error);
    } else if (refusedForSequence(error)) {
      onSequenceRefused(batch);
    } else if (code.retriable()) {
      onRetriable(batch, code);
    } else if (code.mayHaveBeenApplied() || batch.progress.ambiguous) {
      failUnknown(batch, error);
    } else {
      failForGood(batch, error);
    }
    if (code.refreshMetadata()) {
      context.refreshLeader(target);
    }
  }

  /** Fails what is past its deadline. */
  void expire(long nowNanos) {
    for (ProducerBatch batch : unresolved.toArray(new ProducerBatch[0])) {
      if (!batch.progress.stored && nowNanos - batch.createdNanos >= context.deliveryNanos()) {
        if (batch.progress.onWire) {
          batch.progress.ambiguous = true;
          if (sender != null) {
            sender.forget(batch);
          }
          leaveWire(batch);
        }
        WeirException last = batch.progress.lastError;
        if (batch.progress.ambiguous) {
          failUnknown(batch, outcomeUnknown(last));
        } else {
          failForGood(batch, last == null || refusedForSequence(last) ? notSent() : last);
        }
      }
    }
    while (nowNanos - context.deliveryNanos() >= queue.firstCreatedNanos()) {
      ProducerBatch batch = queue.poll(true);
      if (batch == null) {
        return;
      }
      context.resolve(batch, SendResult.UNKNOWN_OFFSET, notSent());
    }
  }

  /** Begins again under a new producer id, from sequence 0. */
  void restart(ProducerIdentity.Id id) {
    gap = false;
    awaitAnswers = false;
    holeSequence = -1;
    nextSequence = 0;
    unresolved.removeIf(batch -> batch.progress.stored); // under the old id
    for (ProducerBatch batch : unresolved) {
      batch.progress.resequence = false;
      batch.progress.ambiguous = false;
      stampNext(batch, id);
    }
  }

  private @Nullable ProducerBatch firstToRepeat() {
    for (ProducerBatch batch : unresolved) {
      if (!batch.progress.onWire && !batch.progress.stored) {
        return batch;
      }
    }
    return null;
  }

  private @Nullable ProducerBatch nextNew() {
    if (unresolved.size() >= MAX_UNRESOLVED) {
      return null;
    }
    ProducerIdentity.Id id = null;
    if (context.idempotent()) {
      id = context.producerId();
      if (id == null) {
        return null;
      }
    }
    ProducerBatch batch = queue.poll(openIsDue());
    while (batch != null && batch.error() != null) {
      context.resolve(batch, SendResult.UNKNOWN_OFFSET, batch.error());
      batch = queue.poll(openIsDue());
    }
    if (batch != null) {
      unresolved.addLast(batch);
      if (id != null) {
        stampNext(batch, id);
      }
    }
    return batch;
  }

  /** While batches are unanswered the open one goes on filling, at most for the linger time. */
  private boolean openIsDue() {
    if (unresolved.isEmpty() || context.flushing()) {
      return true;
    }
    long created = queue.firstCreatedNanos();
    if (created == Long.MAX_VALUE) {
      return false;
    }
    long wait = created + context.lingerNanos() - context.nanos();
    if (wait > 0) {
      alarm(wait);
    }
    return wait <= 0;
  }

  private static boolean refusedForSequence(WeirException error) {
    return error.code() == ErrorCode.OUT_OF_ORDER_SEQUENCE
        || error.code() == ErrorCode.UNKNOWN_PRODUCER_ID;
  }

  private void onSequenceRefused(ProducerBatch batch) {
    boolean holeBefore = batch.progress.resequence || unresolved.peekFirst() != batch;
    if (holeBefore) {
      awaitAnswers = true; // it was sent behind one that is to be repeated
    } else {
      gap = true;
      context.renewProducerId();
    }
  }

  private void onRetriable(ProducerBatch batch, ErrorCode code) {
    batch.progress.ambiguous |= code.mayHaveBeenApplied();
    awaitAnswers = true;
    if (code != ErrorCode.CONNECTION_LOST) {
      notBeforeNanos = context.nanos() + context.pauseNanos();
    }
  }

  private void failForGood(ProducerBatch batch, WeirException error) {
    boolean behind = false;
    for (Iterator<ProducerBatch> all = unresolved.iterator(); all.hasNext(); ) {
      ProducerBatch each = all.next();
      if (behind) {
        each.progress.resequence = true;
      }
      behind |= each == batch;
    }
    boolean last = unresolved.peekLast() == batch;
    if (last && !batch.progress.resequence) {
      nextSequence = batch.progress.baseSequence;
    } else if (!last) {
      awaitAnswers = true;
      if (!batch.progress.resequence) {
        holeSequence = batch.progress.baseSequence;
      }
    }
    remove(batch);
    context.resolve(batch, SendResult.UNKNOWN_OFFSET, error);
  }

  private void failUnknown(ProducerBatch batch, WeirException error) {
    remove(batch);
    context.renewProducerId();
    context.resolve(batch, SendResult.UNKNOWN_OFFSET, error);
  }

  private void closeHole() {
    if (holeSequence < 0) {
      return;
    }
    nextSequence = holeSequence;
    holeSequence = -1;
    for (ProducerBatch batch : unresolved) {
      if (batch.progress.resequence) {
        batch.progress.resequence = false;
        ProducerIdentity.Id id = context.lastProducerId();
        if (id != null) {
          stampNext(batch, id);
        }
      }
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

  private void remove(ProducerBatch batch) {
    unresolved.remove(batch);
    dropStoredFirst();
  }

  private void dropStoredFirst() {
    for (ProducerBatch first = unresolved.peekFirst();
        first != null && first.progress.stored;
        first = unresolved.peekFirst()) {
      unresolved.removeFirst();
    }
  }

  private void leaveWire(ProducerBatch batch) {
    if (batch.progress.onWire) {
      batch.progress.onWire = false;
      onWire--;
    }
  }

  private void alarm(long nanos) {
    if (!alarmSet) {
      alarmSet = true;
      context.callLater(
          Duration.ofNanos(nanos),
          () -> {
            alarmSet = false;
            offer();
          });
    }
  }

  private WeirException outcomeUnknown(@Nullable WeirException last) {
    return new WeirException(
        ErrorCode.OUTCOME_UNKNOWN,
        "a batch for "
            + target
            + " was sent but not acknowledged within "
            + Duration.ofNanos(context.deliveryNanos())
            + (last == null ? "" : " (" + last.getMessage() + ")")
            + "; it may be in the log",
        last);
  }

  private WeirException notSent() {
    WeirException unreachable = sender == null ? null : sender.lastFailure();
    return new WeirException(
        ErrorCode.BROKER_UNAVAILABLE,
        "a batch for "
            + target
            + " could not be stored within "
            + Duration.ofNanos(context.deliveryNanos())
            + (unreachable == null ? "" : ": " + unreachable.getMessage()),
        unreachable);
  }
}
