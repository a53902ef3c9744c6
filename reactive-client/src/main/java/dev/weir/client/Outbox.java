package dev.weir.client;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.ProduceHeader;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The delivery of one partition's batches: in order, repeated with the same sequences until each is
 * stored, refused for good, or past its deadline. Owned by the producer's loop.
 *
 * <p>The argument: the broker appends a batch only when its sequence follows the last one it has,
 * and recognises each of the last five again. No more than five are open, so repeating is always
 * safe, and while a batch is missing nothing behind it can be stored. A batch that was refused for
 * good left a hole that nothing has passed: those behind it take over its sequences. A batch whose
 * outcome stays unknown may have left a hole or not: then the producer needs a new id, under which
 * those known not to be stored are sent again.
 */
final class Outbox {
  private final PartitionTarget target;
  private final PartitionQueue queue;
  private final OutboxContext context;
  private final DeliveryErrors errors;
  private final SequencedBatches open = new SequencedBatches();
  private @Nullable BrokerSender sender; // null while no leader is known
  private int onWire;
  private boolean awaitAnswers; // nothing is sent until all that is on the wire is answered
  private boolean gap; // the broker misses a batch we cannot send again: waits for a new id
  private boolean offered;
  private long notBeforeNanos;
  private boolean alarmSet;

  Outbox(PartitionTarget target, PartitionQueue queue, OutboxContext context) {
    this.target = target;
    this.queue = queue;
    this.context = context;
    this.errors = new DeliveryErrors(target, Duration.ofNanos(context.deliveryNanos()));
    this.notBeforeNanos = context.nanos();
  }

  PartitionTarget target() {
    return target;
  }

  PartitionQueue queue() {
    return queue;
  }

  // ---- its place in a sender's line

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

  /** The leader cannot be reached. */
  void onUnreachable() {
    context.refreshLeader(target);
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

  // ---- what is to be sent

  boolean isEmpty() {
    return open.isEmpty() && queue.isEmpty();
  }

  /** Whether nothing that may be stored under the old producer id is open. */
  boolean isSettled() {
    return open.isEmpty() || (gap && onWire == 0);
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
      open.closeHole(context.lastProducerId());
    }
    ProducerBatch batch = open.firstToSend();
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

  private @Nullable ProducerBatch nextNew() {
    ProducerIdentity.Id id = context.producerId();
    if (open.isFull() || (id == null && context.idempotent())) {
      return null;
    }
    ProducerBatch batch = queue.poll(fillingIsDue());
    while (batch != null && batch.error() != null) {
      context.resolve(batch, SendResult.UNKNOWN_OFFSET, batch.error());
      batch = queue.poll(fillingIsDue());
    }
    if (batch != null) {
      open.add(batch, id);
    }
    return batch;
  }

  /** While batches are unanswered the last one goes on filling, at most for the linger time. */
  private boolean fillingIsDue() {
    if (open.isEmpty() || context.flushing()) {
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

  // ---- what became of it

  void onStored(ProducerBatch batch, long baseOffset) {
    leaveWire(batch);
    open.markStored(batch);
    context.resolve(batch, baseOffset, null);
  }

  /** The wire ended before an answer came. */
  void onLost(ProducerBatch batch, WeirException reason) {
    batch.progress.ambiguous = true;
    onError(batch, reason);
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
      open.remove(batch);
      context.resolve(batch, SendResult.UNKNOWN_OFFSET, error);
    } else if (isAboutSequence(error)) {
      onSequenceRefused(batch);
    } else if (code.retriable()) {
      onRetriable(batch, code);
    } else if (batch.progress.ambiguous) {
      failUnknown(batch, errors.refusedLater(error));
    } else if (code.mayHaveBeenApplied() || code == ErrorCode.FENCED_PRODUCER) {
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
    for (ProducerBatch batch : open.unanswered()) {
      if (nowNanos - batch.createdNanos >= context.deliveryNanos()) {
        expire(batch);
      }
    }
    while (nowNanos - context.deliveryNanos() >= queue.firstCreatedNanos()) {
      ProducerBatch batch = queue.poll(true);
      if (batch == null) {
        return;
      }
      context.resolve(batch, SendResult.UNKNOWN_OFFSET, errors.notStored(unreachable()));
    }
  }

  /** Begins again under a new producer id. */
  void restart(ProducerIdentity.Id id) {
    gap = false;
    awaitAnswers = false;
    open.restart(id);
  }

  private void expire(ProducerBatch batch) {
    if (batch.progress.onWire) {
      batch.progress.ambiguous = true;
      if (sender != null) {
        sender.forget(batch);
      }
      leaveWire(batch);
    }
    WeirException last = batch.progress.lastError;
    if (batch.progress.ambiguous) {
      failUnknown(batch, errors.unanswered(last));
    } else if (last == null || isAboutSequence(last)) { // it only waited
      failForGood(batch, errors.notStored(unreachable()));
    } else {
      failForGood(batch, last);
    }
  }

  private static boolean isAboutSequence(WeirException error) {
    return error.code() == ErrorCode.OUT_OF_ORDER_SEQUENCE
        || error.code() == ErrorCode.UNKNOWN_PRODUCER_ID;
  }

  private void onSequenceRefused(ProducerBatch batch) {
    if (batch.progress.resequence || !open.isFirst(batch)) {
      awaitAnswers = true; // it was sent behind one that is to be repeated, or was refused
    } else {
      gap = true;
      context.renewProducerId();
    }
  }

  private void onRetriable(ProducerBatch batch, ErrorCode code) {
    batch.progress.ambiguous |= code.mayHaveBeenApplied();
    awaitAnswers = true;
    if (code != ErrorCode.CONNECTION_LOST) { // then the sender pauses
      notBeforeNanos = context.nanos() + context.pauseNanos();
    }
  }

  private void failForGood(ProducerBatch batch, WeirException error) {
    awaitAnswers |= open.removeRefused(batch);
    context.resolve(batch, SendResult.UNKNOWN_OFFSET, error);
  }

  private void failUnknown(ProducerBatch batch, WeirException error) {
    open.remove(batch);
    context.renewProducerId();
    context.resolve(batch, SendResult.UNKNOWN_OFFSET, error);
  }

  private void leaveWire(ProducerBatch batch) {
    if (batch.progress.onWire) {
      batch.progress.onWire = false;
      onWire--;
    }
  }

  private @Nullable WeirException unreachable() {
    return sender == null ? null : sender.lastFailure();
  }
}
