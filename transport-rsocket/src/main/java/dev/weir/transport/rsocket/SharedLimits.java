package dev.weir.transport.rsocket;

/**
 * Bounds of all connections of a process together.
 *
 * @param queuedBytes bytes that may wait for all sockets; above it, streams are not asked for more
 *     unless their connection has nothing queued
 * @param streams streams that peers may have open; further requests are refused OVERLOADED
 */
public record SharedLimits(long queuedBytes, int streams) {
  static final SharedLimits NONE = new SharedLimits(Long.MAX_VALUE, Integer.MAX_VALUE);
}
