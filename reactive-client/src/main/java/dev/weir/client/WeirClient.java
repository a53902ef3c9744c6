package dev.weir.client;

import reactor.core.publisher.Mono;

/**
 * The way into a Weir cluster: connections, what is known of topics and leaders, and the threads
 * that producers, consumers and admin share. Made once per application, usable from any thread.
 *
 * <p>Nothing happens before the first call needs a broker. A client that never reached one fails
 * calls after {@link ClientSettings#connectTimeout} with BROKER_UNAVAILABLE; one that did rides out
 * restarts, reconnecting after 100 ms to 1 s with jitter.
 */
public final class WeirClient {
  private WeirClient() {}

  public static WeirClient create(ClientSettings settings) {
    return new WeirClient();
  }

  /** A producer of its own identity. Close it, or close the client. */
  public <K, V> WeirProducer<K, V> producer(ProducerSettings<K, V> settings) {
    throw new UnsupportedOperationException();
  }

  public <K, V> WeirConsumer<K, V> consumer(ConsumerSettings<K, V> settings) {
    throw new UnsupportedOperationException();
  }

  public WeirAdmin admin() {
    throw new UnsupportedOperationException();
  }

  /**
   * Closes producers (their records are sent first, at most for the delivery timeout), ends
   * subscriptions with CLOSED, closes connections and threads. Completes when all of it is done;
   * may be called again.
   */
  public Mono<Void> close() {
    return Mono.empty();
  }
}
