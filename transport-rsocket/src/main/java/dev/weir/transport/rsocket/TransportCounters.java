package dev.weir.transport.rsocket;

import java.util.concurrent.atomic.LongAdder;

/** What a process's connections have done so far; sums that only rise. Any thread. */
public final class TransportCounters {
  final LongAdder zeroCopy = new LongAdder();
  final LongAdder copied = new LongAdder();
  final LongAdder cold = new LongAdder();
  final LongAdder stalled = new LongAdder();
  final LongAdder strangers = new LongAdder();
  final LongAdder floods = new LongAdder();
  final LongAdder rejected = new LongAdder();
  final LongAdder outOfMemory = new LongAdder();
  final LongAdder lostFireAndForget = new LongAdder();

  TransportCounters() {}

  /**
   * Bytes of file ranges that went from file to socket without passing through this process's
   * memory.
   */
  public long zeroCopyBytes() {
    return zeroCopy.sum();
  }

  /** Bytes of file ranges that had to be copied: no file channel, or a WebSocket. */
  public long copiedBytes() {
    return copied.sum();
  }

  /** File ranges that were read from the disk before they were sent. */
  public long coldRanges() {
    return cold.sum();
  }

  /** Connections closed because their peer did not read. */
  public long stalledConnections() {
    return stalled.sum();
  }

  /** Connections closed before their SETUP: too many, too slow or too large. */
  public long refusedStrangers() {
    return strangers.sum();
  }

  /** Connections closed because of frames nobody needs: KEEPALIVE floods, fragments. */
  public long refusedFloods() {
    return floods.sum();
  }

  /** Requests refused because too many streams were open. */
  public long rejectedStreams() {
    return rejected.sum();
  }

  /** Connections closed because what they held in memory was needed for others. */
  public long evictedConnections() {
    return outOfMemory.sum();
  }

  /** Fire-and-forget requests whose handler failed. */
  public long failedFireAndForgets() {
    return lostFireAndForget.sum();
  }
}
