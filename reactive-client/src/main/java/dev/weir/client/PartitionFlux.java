package dev.weir.client;

import dev.weir.core.topic.TopicPartition;
import reactor.core.publisher.Flux;

/**
 * The records of one partition while it is a member's. Reading begins with the first demand; there
 * is one subscriber in its life.
 *
 * <p>It completes as soon as the partition is taken back or lost, after the records delivered by
 * then: operators that gather records thus pass on what they hold, and what was delivered can still
 * be acknowledged until the drain timeout. Cancelling it stops the reading; the partition stays
 * assigned, unread, until it is taken back.
 */
public abstract class PartitionFlux<K, V> extends Flux<ReceiverRecord<K, V>> {
  PartitionFlux() {}

  public abstract TopicPartition partition();
}
