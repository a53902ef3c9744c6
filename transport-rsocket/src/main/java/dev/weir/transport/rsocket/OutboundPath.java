package dev.weir.transport.rsocket;

import dev.weir.core.disk.FileRange;
import io.netty.buffer.ByteBufAllocator;
import io.rsocket.Payload;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * How messages of one connection become payloads: whether ranges may stay ranges, who reads those
 * that may not, and what is queued already. Any thread.
 */
record OutboundPath(
    MessageEncoder encoder,
    ByteLedger ledger,
    RangeReads reads,
    ByteBufAllocator allocator,
    boolean sendsFiles) {

  /** For one channel: its first message carries the route. Not to be shared. */
  OutboundPath withRouteOnFirst(byte[] route) {
    return new OutboundPath(encoder.withRouteOnFirst(route), ledger, reads, allocator, sendsFiles);
  }

  /** Whether the message can be encoded now, without reading its range first. */
  boolean isReady(OutboundMessage message) {
    FileRange range = message.range();
    return range == null || (canSend(range) && range.hot());
  }

  private boolean canSend(FileRange range) {
    return sendsFiles && range.channel() != null;
  }

  /** Told exactly once, on any thread. */
  interface Listener {
    void onPrepared(@Nullable Payload payload, @Nullable Throwable error);
  }

  /** Reads the range of a message that is not ready, then encodes it. Takes over the message. */
  void prepare(OutboundMessage message, FileRange range, Listener listener) {
    if (canSend(range)) {
      reads.warm(
          range,
          (none, error) -> {
            if (error != null) {
              range.release();
              listener.onPrepared(null, error);
            } else {
              encode(listener, () -> encoder.encode(message));
            }
          });
    } else {
      reads.copy(
          range,
          allocator,
          (bytes, error) -> {
            range.release();
            if (bytes == null) {
              listener.onPrepared(null, error);
            } else {
              encode(listener, () -> encoder.encode(message, bytes));
            }
          });
    }
  }

  private interface Encoding {
    Payload run();
  }

  private static void encode(Listener listener, Encoding encoding) {
    Payload payload;
    try {
      payload = encoding.run();
    } catch (RuntimeException e) {
      listener.onPrepared(null, e);
      return;
    }
    listener.onPrepared(payload, null);
  }

  /** For a single answer: not held back by the ledger. */
  Mono<Payload> single(OutboundMessage message) {
    FileRange range = message.range();
    if (range == null || isReady(message)) {
      return Mono.just(encoder.encode(message));
    }
    return Mono.create(
        sink ->
            prepare(
                message,
                range,
                (payload, error) -> {
                  if (payload == null) {
                    sink.error(error == null ? new IllegalStateException("nothing read") : error);
                  } else {
                    sink.success(payload);
                  }
                }));
  }
}
