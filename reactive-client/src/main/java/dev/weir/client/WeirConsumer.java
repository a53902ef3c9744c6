package dev.weir.client;

import reactor.core.publisher.Flux;

/**
 * Reads partitions. Every subscription reads by itself, from where its {@link Assignment} says.
 *
 * <p>Delivery: every record once and in offset order within a partition; between partitions there
 * is no order. Nothing is committed: whoever needs to go on later keeps offsets.
 *
 * <p>Demand: brokers are asked for nothing before the subscriber asks, and for at most a window of
 * frames per partition beyond what it has taken ({@link ConsumerSettings} has the bound in bytes).
 * Records come on a {@code weir-client-n} thread, which must not be blocked.
 *
 * <p>Connection losses, broker restarts and moved leaders are ridden out, going on at the next
 * offset, for {@link ConsumerSettings#retryTimeout}. A subscription never just stops: it ends with
 * the reason (UNKNOWN_TOPIC when the topic is deleted, OFFSET_OUT_OF_RANGE, BROKER_UNAVAILABLE,
 * CORRUPT_BATCH, CLOSED) or, for {@link Assignment#toEnd}, completes. Cancelling releases
 * everything at once.
 */
public interface WeirConsumer<K, V> {
  /** Records of the partitions, endless unless {@link Assignment#untilEnd}. */
  Flux<ConsumerRecord<K, V>> receive(Assignment assignment);

  /**
   * The same as batches, still compressed and without the CRC checked; control batches left out.
   */
  Flux<ConsumerBatch> receiveBatches(Assignment assignment);
}
