package dev.weir.client;

import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Sends records. One producer serves any number of {@link #send} subscriptions at once; they share
 * its batches, its memory bound and its identity.
 *
 * <p>Delivery: exactly once and in order per partition for every record whose result has no error,
 * through reconnects and broker restarts (a producer id and sequence numbers make repeated batches
 * recognisable). A record whose outcome stays unknown at the deadline is reported as such and never
 * repeated. With {@link Acks#NONE} records may be lost and are never repeated.
 */
public interface WeirProducer<K, V> {
  /**
   * Sends what the publisher gives and emits one result per record, in order within a partition.
   *
   * <p>Demand: the publisher is asked for as many records as fit the producer's buffer, whatever
   * their size turns out to be; when the broker or the subscriber of the results is slow, it is
   * asked for nothing. The publisher's {@code request} is called on {@code weir-client-feed}: move
   * a source that blocks with {@code subscribeOn}. Results come on a {@code weir-client-n} thread,
   * which must not be blocked.
   *
   * <p>A record that fails yields a result with an error and the stream goes on, unless {@link
   * ProducerSettings#stopOnError}. The stream ends with an error when the publisher does (after the
   * results of the records taken so far), with BROKER_UNAVAILABLE when no broker was reached at
   * first, with CLOSED when producer or client are closed.
   *
   * <p>A subscriber that never asks for its results holds on to the producer's memory, so others
   * wait; give it a producer of its own.
   *
   * <p>Cancelling stops the publisher; records already taken are still sent, without results.
   */
  <C> Flux<SendResult<C>> send(Publisher<? extends ProducerRecord<K, V, C>> records);

  /**
   * Whether, why and how much brokers hold this producer back. Any thread, at once. What they ask
   * for reaches the publishers as demand anyhow; this says why it is little.
   */
  Throttling throttling();

  /**
   * Takes no more records, waits for those taken (at most the delivery timeout), then completes.
   */
  Mono<Void> close();
}
