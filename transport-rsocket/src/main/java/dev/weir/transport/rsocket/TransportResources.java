package dev.weir.transport.rsocket;

import java.util.concurrent.Executor;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;
import reactor.netty.transport.ServerTransport;

/**
 * What the connections of a process share: event loops ({@code weir-io-n}), buffers, the budget for queued bytes, the
 * threads that read cold ranges, and counters. Created once, closed after the servers and clients that use it.
 */
public final class TransportResources {
  private final TransportCounters counters = new TransportCounters();

  private TransportResources() {}

  /**
   * For a broker.
   *
   * @param ioThreads event loops
   * @param rangeReads runs blocking reads of file ranges ({@code weir-read-n}); bounded by the budget
   * @param budgetBytes bytes that may wait for all sockets together; above it streams are not read
   */
  public static TransportResources forServer(int ioThreads, Executor rangeReads, long budgetBytes) {
    throw new UnsupportedOperationException();
  }

  /** For a client, which sends no file ranges. */
  public static TransportResources forClient(int ioThreads) {
    throw new UnsupportedOperationException();
  }

  public TransportCounters counters() {
    return counters;
  }

  /** Bytes that wait for all sockets together. */
  public long queuedBytes() {
    throw new UnsupportedOperationException();
  }

  /** Lets another server of this process (HTTP) share event loops and buffers. */
  public <T extends ServerTransport<T, ?>> T share(T server) {
    throw new UnsupportedOperationException();
  }

  LoopResources loops() {
    throw new UnsupportedOperationException();
  }

  /** Ends the event loops; completes when their threads are gone. */
  public Mono<Void> close() {
    throw new UnsupportedOperationException();
  }
}
