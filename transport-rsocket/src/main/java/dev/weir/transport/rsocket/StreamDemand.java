package dev.weir.transport.rsocket;

import reactor.core.CoreSubscriber;

/**
 * What the peer of a stream has asked for, as far as {@code request(n)} does not tell: the
 * transport passes demand on in portions. In the context of the subscriber of a handler's answer.
 */
@FunctionalInterface
public interface StreamDemand {
  /** Whether the peer asked for everything (n = 2^31 - 1) rather than for a number of messages. */
  boolean isUnbounded();

  /** The demand behind this subscriber; bounded where nothing is known of it. */
  static StreamDemand of(CoreSubscriber<?> subscriber) {
    StreamDemand unknown = () -> false;
    StreamDemand demand = subscriber.currentContext().getOrDefault(StreamDemand.class, unknown);
    return demand == null ? unknown : demand;
  }
}
