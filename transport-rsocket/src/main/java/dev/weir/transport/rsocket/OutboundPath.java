package dev.weir.transport.rsocket;

import dev.weir.core.disk.FileRange;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import io.netty.buffer.ByteBufAllocator;
import io.rsocket.Payload;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
  private static final Logger log = LoggerFactory.getLogger(OutboundPath.class);

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
              listener.onPrepared(null, unreadable(range, error));
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
              listener.onPrepared(null, unreadable(range, error));
            } else {
              encode(listener, () -> encoder.encode(message, bytes));
            }
          });
    }
  }

  private static WeirException unreadable(FileRange range, @Nullable Throwable error) {
    String where = range.length() + " bytes at position " + range.position();
    log.warn("cannot read {} of a file", where, error);
    return new WeirException(
        ErrorCode.STORAGE_OFFLINE, "cannot read " + where + " of a log: " + error, error);
  }

  private interface Encoding {
    Payload run();
  }

  private static void encode(Listener listener, Encoding encoding) {
    Payload payload;
    try {
      payload = encoding.run();
    } catch (RuntimeException | Error e) {
      // Also without memory: a listener that is not told keeps its stream waiting for ever.
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
