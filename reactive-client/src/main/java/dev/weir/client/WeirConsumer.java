package dev.weir.client;

import java.time.Duration;
import reactor.core.publisher.Flux;

/**
 * Reads partitions, either those an {@link Assignment} names or, as a member of a consumer group,
 * those the group's coordinator hands out. Every subscription reads by itself; in a group each is a
 * member of its own.
 *
 * <p>Delivery: in offset order within a partition; between partitions there is no order. An
 * assignment delivers every record once and commits nothing: whoever needs to go on later keeps
 * offsets. What a group guarantees each method says.
 *
 * <p>Demand: brokers are asked for nothing before the subscriber asks (a group is not joined
 * before), and for at most a window of frames per partition beyond what it has taken ({@link
 * ConsumerSettings} has the bound in bytes). No demand for hours costs no membership: heartbeats
 * come from another thread. Records come on a {@code weir-client-n} thread, which must not be
 * blocked.
 *
 * <p>Connection losses, broker restarts and moved leaders or coordinators are ridden out, going on
 * at the next offset, for {@link ConsumerSettings#retryTimeout}. A subscription never just stops:
 * it ends with the reason (UNKNOWN_TOPIC when the topic is deleted, OFFSET_OUT_OF_RANGE,
 * BROKER_UNAVAILABLE, CORRUPT_BATCH, CLOSED) or, for {@link Assignment#toEnd}, completes.
 * Cancelling releases everything at once.
 *
 * <p>Groups: while its coordinator is out of reach a member reads on and its commits wait. When it
 * was removed meanwhile, its partitions are lost ({@link GroupListener#onLost}): what it had not
 * committed is repeated by their next owners, and it joins anew. A static member whose place was
 * taken ends with FENCED_MEMBER_EPOCH. A partition that is taken back is given up when what was
 * delivered of it is acknowledged and committed, at latest at {@link MemberSettings#drainTimeout}.
 * A cancelled or failed subscription commits what is acknowledged and leaves (a static member only
 * goes away), in the background, for at most {@link CommitSettings#closeTimeout}.
 */
public interface WeirConsumer<K, V> {
  /** Records of the partitions, endless unless {@link Assignment#untilEnd}. */
  Flux<ConsumerRecord<K, V>> receive(Assignment assignment);

  /**
   * The same as batches, still compressed and without the CRC checked; control batches left out.
   */
  Flux<ConsumerBatch> receiveBatches(Assignment assignment);

  /**
   * At least once: records that are not acknowledged are delivered again, to this group's next
   * owner of the partition.
   *
   * <p>Records may be acknowledged on any thread and in any order. Committed is the offset below
   * which everything is acknowledged; what is acknowledged beyond travels along, at most {@value
   * CommitSettings#MAX_RANGES} ranges per partition, and the next owner passes over it. After a
   * crash what was acknowledged within the last {@link CommitSettings#interval} is repeated, after
   * an orderly end or a rebalance nothing that was acknowledged. Nothing is lost.
   *
   * <p>A record that is never acknowledged holds up its partition, once {@link
   * CommitSettings#maxUnacknowledged} records lie beyond it: {@link ConsumerControl#progress} shows
   * it as waiting.
   *
   * <p>Costs one atomic operation and about 8 bytes beyond the record itself.
   */
  Flux<ReceiverRecord<K, V>> receive(GroupSubscription group);

  /**
   * At least once for subscribers that process records one after the other: a record counts as
   * processed when the subscriber's demand says so, and is acknowledged then.
   *
   * <p>Precisely: with unbounded demand a record is acknowledged when {@code onNext} has returned.
   * Else let P be what had been asked for when the first record came. With P = 1, record n is
   * acknowledged when the subscriber asks for one more after it; with a larger P, when it has asked
   * for n + P + 1 records in all, for operators refill their queue when they begin a record.
   *
   * <p>So {@code concatMap(process, 0)}, {@code publishOn(scheduler, 1)} and plain subscribers that
   * process within {@code onNext} repeat at most the record they were at. Operators that prefetch
   * acknowledge in portions: of a quiet topic, the last ones only when more records come. With
   * operators that process several records at a time ({@code flatMap}) records may be lost in a
   * crash: use {@link #receive(GroupSubscription)}. A record may also be acknowledged by hand, to
   * be sooner.
   */
  Flux<ReceiverRecord<K, V>> receiveAutoAck(GroupSubscription group);

  /**
   * At most once: a record is delivered only after an offset beyond it is committed, durably.
   * Nothing is repeated; what was committed and not processed when the application crashed, the
   * partition was taken away or the subscription was cancelled is lost, at most {@link
   * CommitSettings#atMostOnceRecords} per partition.
   *
   * <p>Costs a round trip to the coordinator and its flush for every so many records of a
   * partition, in which that partition delivers nothing.
   */
  Flux<ConsumerRecord<K, V>> receiveAtMostOnce(GroupSubscription group);

  /**
   * As {@link #receive(GroupSubscription)}, in batches: one goes when it has {@code maxRecords}, or
   * {@code maxWait} after its first record came, and one is asked for. Demand counts batches; at
   * most one is gathered ahead, whose records of a partition that is taken away are dropped
   * (somebody else gets them).
   *
   * @param maxRecords at most {@link CommitSettings#maxUnacknowledged}, so that a single partition
   *     can fill a batch
   */
  Flux<ReceiverBatch<K, V>> receiveBatches(
      GroupSubscription group, int maxRecords, Duration maxWait);

  /**
   * As {@link #receive(GroupSubscription)}, each partition as a {@link PartitionFlux} of its own
   * with its own demand. Demand counts partitions: those nobody has asked for are assigned and not
   * read. Cancelling ends the fluxes of all partitions with CLOSED.
   */
  Flux<PartitionFlux<K, V>> receivePartitions(GroupSubscription group);
}
