package dev.weir.transport.rsocket;

/**
 * Bounds of all connections of a process together.
 *
 * @param queuedBytes bytes that may wait for all sockets; above it, streams are not asked for more
 *     unless their connection has nothing queued
 * @param queuedMemoryBytes memory of that, file ranges not counted; above it, the connection that
 *     holds most is closed
 * @param partialBytes memory of frames that have begun to come and not ended; what does not fit is
 *     refused, one frame always fits
 * @param strangerBytes the same of connections whose SETUP has not come
 * @param streams streams that peers may have open; further requests are refused OVERLOADED
 */
public record SharedLimits(
    long queuedBytes, long queuedMemoryBytes, long partialBytes, long strangerBytes, int streams) {
  /** What each connection may hold of an unfinished frame without being counted. */
  public static final long FREE_BYTES = PartialFrames.FREE_BYTES;

  /** For a process that trusts its peers. */
  public static final SharedLimits NONE =
      new SharedLimits(
          Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, Integer.MAX_VALUE);
}
