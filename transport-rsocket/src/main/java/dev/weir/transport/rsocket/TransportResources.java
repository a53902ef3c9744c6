package dev.weir.transport.rsocket;

import dev.weir.core.time.Time;
import io.netty.channel.ChannelOption;
import java.util.concurrent.Executor;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;
import reactor.netty.transport.ServerTransport;
import reactor.netty.transport.Transport;

/**
 * What the connections of a process share: event loops ({@code weir-io-n}), buffers, the budget for
 * queued bytes, the threads that read cold ranges, and counters. Created once, closed after the
 * servers and clients that use it.
 */
public final class TransportResources {
  private final LoopResources loops;
  private final TransportCounters counters = new TransportCounters();
  private final QueueBudget budget;
  private final RangeReads reads;

  private TransportResources(int ioThreads, Executor rangeReads, long budgetBytes) {
    this.loops = new IoLoops(ioThreads);
    this.budget = new QueueBudget(budgetBytes);
    this.reads = new RangeReads(rangeReads, counters);
  }

  /**
   * For a broker.
   *
   * @param ioThreads event loops
   * @param rangeReads runs blocking reads of file ranges ({@code weir-read-n}); each stream has at
   *     most one there
   * @param budgetBytes bytes that may wait for all sockets together; above it, streams are not
   *     asked for more unless their connection has nothing queued
   */
  public static TransportResources forServer(int ioThreads, Executor rangeReads, long budgetBytes) {
    return new TransportResources(ioThreads, rangeReads, budgetBytes);
  }

  /** For a client, which sends no file ranges. */
  public static TransportResources forClient(int ioThreads) {
    return new TransportResources(
        ioThreads,
        read -> {
          throw new java.util.concurrent.RejectedExecutionException(
              "a client sends no file ranges");
        },
        Long.MAX_VALUE);
  }

  public TransportCounters counters() {
    return counters;
  }

  /** Bytes that wait for all sockets together. */
  public long queuedBytes() {
    return budget.queued();
  }

  /** Direct memory held for buffers of the whole process, whether in use or pooled. */
  public long directBytes() {
    return IoLoops.directBytes();
  }

  /** Lets another server of this process (HTTP) share event loops and buffers. */
  public <T extends ServerTransport<T, ?>> T share(T server) {
    return onLoops(server).childOption(ChannelOption.ALLOCATOR, IoLoops.allocator());
  }

  <T extends Transport<T, ?>> T onLoops(T transport) {
    return transport.runOn(loops).option(ChannelOption.ALLOCATOR, IoLoops.allocator());
  }

  LoopResources loops() {
    return loops;
  }

  QueueBudget budget() {
    return budget;
  }

  RangeReads reads() {
    return reads;
  }

  Time time() {
    return Time.system();
  }

  /** Ends the event loops; completes when their threads are gone. */
  public Mono<Void> close() {
    return loops.disposeLater();
  }
}
