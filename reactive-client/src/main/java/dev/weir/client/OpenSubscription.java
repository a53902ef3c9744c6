package dev.weir.client;

import reactor.core.publisher.Mono;

/** A subscription that runs, so that the client can end it. Any thread. */
interface OpenSubscription {
  /** Ends it with CLOSED; completes when nothing more is to be sent for it. */
  Mono<Void> close();
}
