package dev.weir.client;

import dev.weir.transport.rsocket.TransportResources;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The way into a Weir cluster: connections, what is known of topics and leaders, and the threads
 * that producers, consumers and admin share. Made once per application, usable from any thread.
 *
 * <p>Nothing is sent before the first call needs a broker. A client that never reached one fails
 * calls after {@link ClientSettings#connectTimeout} with BROKER_UNAVAILABLE; one that did rides out
 * restarts, reconnecting after 100 ms to 1 s with jitter.
 */
public final class WeirClient {
  private final Cluster cluster;
  private final TransportResources resources;
  private final Set<WeirProducer<?, ?>> producers = ConcurrentHashMap.newKeySet();
  private final Set<OpenSubscription> subscriptions = ConcurrentHashMap.newKeySet();
  private boolean closed; // guarded by producers
  private final Mono<Void> closing = Mono.defer(this::closeInOrder).cache();

  private WeirClient(Cluster cluster, TransportResources resources) {
    this.cluster = cluster;
    this.resources = resources;
  }

  /** A client that has not connected yet. Close it to end its threads. */
  public static WeirClient create(ClientSettings settings) {
    TransportResources resources = TransportResources.forClient(1);
    return new WeirClient(Cluster.create(settings, resources), resources);
  }

  /**
   * A producer of its own identity. Close it, or close the client.
   *
   * @throws dev.weir.core.error.WeirException CLOSED
   */
  public <K, V> WeirProducer<K, V> producer(ProducerSettings<K, V> settings) {
    synchronized (producers) { // so that closing finds it, or it finds the client closed
      if (closed) {
        throw ClientThreads.clientClosed();
      }
      WeirProducer<K, V> producer = BatchingProducer.create(cluster, settings, producers::remove);
      producers.add(producer);
      return producer;
    }
  }

  public <K, V> WeirConsumer<K, V> consumer(ConsumerSettings<K, V> settings) {
    return new MergingConsumer<>(cluster, settings, subscriptions);
  }

  public WeirAdmin admin() {
    return new ProtocolAdmin(cluster);
  }

  /**
   * Ends subscriptions with CLOSED (in groups, what is acknowledged is committed and the group is
   * left first, at most for {@link CommitSettings#closeTimeout}), closes producers (their records
   * are sent first, at most for the delivery timeout), ends with CLOSED those sends whose results
   * have not all been asked for by then, closes connections and threads. Completes when all of it
   * is done; may be called again.
   */
  public Mono<Void> close() {
    return closing;
  }

  private Mono<Void> closeInOrder() {
    synchronized (producers) {
      closed = true;
    }
    return Flux.fromIterable(subscriptions)
        .flatMap(OpenSubscription::close)
        .thenMany(Flux.fromIterable(producers))
        .flatMap(WeirProducer::close)
        .then(Mono.defer(cluster::close))
        .then(Mono.defer(resources::close));
  }
}
