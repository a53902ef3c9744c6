package dev.weir.transport.rsocket;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Gives back what came; routes {@code fail}, {@code throw} and {@code bug} misbehave in their ways.
 */
final class EchoHandler implements RequestHandler {
  final AtomicInteger fireAndForgets = new AtomicInteger();

  @Override
  public Mono<Void> fireAndForget(InboundMessage message) {
    try (message) {
      maybeFail(message);
      fireAndForgets.incrementAndGet();
      return Mono.empty();
    }
  }

  @Override
  public Mono<OutboundMessage> requestResponse(InboundMessage message) {
    try (message) {
      maybeFail(message);
      return Mono.just(copyOf(message));
    }
  }

  /** The data is how many answers to give. */
  @Override
  public Flux<OutboundMessage> requestStream(InboundMessage message) {
    try (message) {
      maybeFail(message);
      int count = Integer.parseInt(Bytes.text(message.data()));
      return Flux.range(0, count).map(i -> OutboundMessage.of(Bytes.of("answer " + i)));
    }
  }

  @Override
  public Flux<OutboundMessage> requestChannel(InboundMessage first, Flux<InboundMessage> all) {
    maybeFail(first);
    return all.map(
        message -> {
          try (message) {
            return copyOf(message);
          }
        });
  }

  private static void maybeFail(InboundMessage message) {
    switch (message.route()) {
      case "fail" -> throw new WeirException(ErrorCode.UNKNOWN_TOPIC, "there is no topic 'x'");
      case "bug" -> throw new IllegalStateException("a bug");
      default -> {}
    }
  }

  private static OutboundMessage copyOf(InboundMessage message) {
    ByteBuffer data = copy(message.data());
    ByteBuffer record = message.recordJson();
    return record == null
        ? OutboundMessage.of(copyOrNull(message.header()), data)
        : OutboundMessage.ofRecord(copy(record), data);
  }

  private static @Nullable ByteBuffer copyOrNull(@Nullable ByteBuffer bytes) {
    return bytes == null ? null : copy(bytes);
  }

  private static ByteBuffer copy(ByteBuffer bytes) {
    return ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate()).flip();
  }
}
