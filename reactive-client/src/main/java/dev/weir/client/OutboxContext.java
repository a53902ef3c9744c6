package dev.weir.client;

import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.Acks;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What the partitions of one producer share and ask for. Called in the producer's loop only. */
interface OutboxContext {
  Acks acks();

  /** Whether batches carry a producer id and sequences; not with acks NONE. */
  boolean idempotent();

  /** To stamp new batches with; null: not now. */
  ProducerIdentity.@Nullable Id producerId();

  /** The one that unanswered batches carry. */
  ProducerIdentity.@Nullable Id lastProducerId();

  /** Asks for another producer id once every partition is settled. */
  void renewProducerId();

  /** Ends a batch; its memory is given back. */
  void resolve(ProducerBatch batch, long baseOffset, @Nullable WeirException error);

  /** The leader may have moved. */
  void refreshLeader(PartitionTarget target);

  /** Whether open batches are not to wait for more records. */
  boolean flushing();

  long nanos();

  long lingerNanos();

  long deliveryNanos();

  /** How long to wait before a refused batch is repeated. */
  long pauseNanos();

  void callLater(Duration delay, Runnable task);
}
