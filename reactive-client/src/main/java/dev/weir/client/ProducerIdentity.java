package dev.weir.client;

import dev.weir.core.protocol.ProducerInitRequest;
import dev.weir.core.protocol.ProducerInitResponse;
import dev.weir.core.route.Routes;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * By which id the broker recognises a producer's repeated batches. A new id is asked for at the
 * start and whenever a batch's outcome stays unknown: under the old id its sequences would be a gap
 * for ever. Owned by the producer's loop.
 */
final class ProducerIdentity {
  /** As {@code producer.init} gave it. */
  record Id(long producerId, short epoch) {}

  private @Nullable Id id;
  private boolean wanted = true;
  private boolean asking;

  /** The id to send new batches with; null while there is none or a new one is wanted. */
  @Nullable Id current() {
    return wanted ? null : id;
  }

  /** The id under which unanswered batches were sent, also while a new one is wanted. */
  @Nullable Id last() {
    return id;
  }

  /** Asks for a new id as soon as nothing is unanswered under the old one. */
  void want() {
    wanted = true;
  }

  /** Whether a question should be asked now. */
  boolean shouldAsk() {
    return wanted && !asking;
  }

  /** Asks a broker, with the client's patience. */
  Mono<Id> ask(Requests requests) {
    asking = true;
    return requests
        .ask(
            Routes.PRODUCER_INIT,
            ProducerInitRequest.getDefaultInstance(),
            ProducerInitResponse.parser())
        .map(answer -> new Id(answer.getProducerId(), (short) answer.getProducerEpoch()));
  }

  void onAnswer(Id answer) {
    asking = false;
    wanted = false;
    id = answer;
  }

  void onFailure() {
    asking = false;
  }
}
