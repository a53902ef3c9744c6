package dev.weir.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.time.Time;
import dev.weir.transport.rsocket.ClientConnection;
import dev.weir.transport.rsocket.InboundMessage;
import dev.weir.transport.rsocket.OutboundMessage;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/** Questions with one answer, and the patience with which they are repeated. Any thread. */
final class Requests {
  private final ClientSettings settings;
  private final ClientThreads threads;
  private final BrokerLinks links;
  private final Time time;

  Requests(ClientSettings settings, ClientThreads threads, BrokerLinks links, Time time) {
    this.settings = settings;
    this.threads = threads;
    this.links = links;
    this.time = time;
  }

  /** Asks any broker, again after each retriable error until the deadline. For questions only. */
  <T> Mono<T> ask(String route, MessageLite question, Parser<T> answer) {
    return patiently(() -> links.any().flatMap(broker -> once(broker, route, question, answer)));
  }

  /**
   * Has any broker do something once: repeated while it was certainly not sent, OUTCOME_UNKNOWN
   * when no answer tells.
   */
  <T> Mono<T> tell(String route, MessageLite order, Parser<T> answer) {
    return patiently(links::any)
        .flatMap(
            broker ->
                once(broker, route, order, answer)
                    .onErrorMap(WeirException.class, error -> outcomeOf(error, route)));
  }

  /** One attempt; TIMED_OUT after the request timeout, or sooner when no broker ever answered. */
  <T> Mono<T> once(ClientConnection broker, String route, MessageLite question, Parser<T> answer) {
    return Mono.defer(
        () -> {
          Duration longest =
              links.reached() ? settings.requestTimeout() : settings.connectTimeout();
          return broker
              .requestResponse(route, OutboundMessage.of(ByteBuffer.wrap(question.toByteArray())))
              .doOnNext(message -> links.onAnswer())
              .map(message -> parse(route, message, answer))
              .timeout(threads.delay(longest), Mono.error(() -> unanswered(route, longest)));
        });
  }

  private static WeirException unanswered(String route, Duration longest) {
    return new WeirException(
        ErrorCode.TIMED_OUT, "no answer to " + route + " within " + longest.toMillis() + " ms");
  }

  /**
   * Repeats an attempt after retriable errors, with backoff, until the connect timeout when no
   * broker was ever reached, else until the delivery timeout; then its last error.
   */
  <T> Mono<T> patiently(Supplier<Mono<T>> attempt) {
    return Mono.defer(
        () -> {
          long start = time.nanos();
          Backoff backoff = new Backoff(new SplittableRandom());
          return Mono.defer(attempt)
              .retryWhen(
                  Retry.from(
                      failures ->
                          failures.concatMap(
                              failure -> pauseOrGiveUp(failure.failure(), start, backoff))));
        });
  }

  private Mono<Long> pauseOrGiveUp(Throwable error, long startNanos, Backoff backoff) {
    if (!(error instanceof WeirException weir) || !weir.code().retriable()) {
      return Mono.error(error);
    }
    if (links.isClosed()) {
      return Mono.error(ClientThreads.clientClosed());
    }
    Duration patience = links.reached() ? settings.deliveryTimeout() : settings.connectTimeout();
    Duration pause = backoff.next();
    long waitedNanos = time.nanos() - startNanos;
    if (waitedNanos + pause.toNanos() >= patience.toNanos()) {
      return Mono.error(links.reached() ? error : neverAnswered(weir));
    }
    return threads.delay(pause);
  }

  private WeirException neverAnswered(WeirException last) {
    return last.code() == ErrorCode.BROKER_UNAVAILABLE
        ? last
        : new WeirException(
            ErrorCode.BROKER_UNAVAILABLE,
            "no broker answered at "
                + settings.servers().stream()
                    .map(ServerAddress::toString)
                    .collect(Collectors.joining(", "))
                + ": "
                + last.getMessage(),
            last);
  }

  /** How a change failed that may have taken effect. */
  static WeirException outcomeOf(WeirException error, String route) {
    boolean unknown = error.code().retriable() && error.code().mayHaveBeenApplied();
    return unknown
        ? new WeirException(
            ErrorCode.OUTCOME_UNKNOWN,
            route
                + " was sent and may have taken effect, but no answer came: "
                + error.getMessage(),
            error)
        : error;
  }

  private static <T> T parse(String route, InboundMessage message, Parser<T> parser) {
    try (message) {
      return parser.parseFrom(message.data());
    } catch (InvalidProtocolBufferException e) {
      throw new WeirException(
          ErrorCode.INTERNAL, "the answer to " + route + " cannot be read: " + e.getMessage(), e);
    }
  }
}
