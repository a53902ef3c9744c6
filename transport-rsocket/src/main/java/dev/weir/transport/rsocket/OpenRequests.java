package dev.weir.transport.rsocket;

import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** How many requests of one connection are being answered. Any thread. */
final class OpenRequests {
  private final AtomicInteger open = new AtomicInteger();

  int now() {
    return open.get();
  }

  <T> Mono<T> count(Mono<T> answer) {
    open.incrementAndGet();
    return answer.doFinally(end -> open.decrementAndGet());
  }

  <T> Flux<T> count(Flux<T> answers) {
    open.incrementAndGet();
    return answers.doFinally(end -> open.decrementAndGet());
  }
}
