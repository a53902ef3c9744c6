package dev.weir.transport.rsocket;

import dev.weir.core.time.Time;
import io.netty.channel.ChannelOption;
import io.netty.util.internal.PlatformDependent;
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
  private final PartialFrames partial;
  private final PartialFrames partialOfStrangers;
  private final StreamBudget streams;
  private final RangeReads reads;

  private TransportResources(int ioThreads, Executor rangeReads, SharedLimits limits) {
    this.loops = new IoLoops(ioThreads);
    this.budget = new QueueBudget(limits.queuedBytes(), limits.queuedMemoryBytes(), counters);
    this.partial = new PartialFrames(limits.partialBytes(), time());
    this.partialOfStrangers = new PartialFrames(limits.strangerBytes(), time());
    this.streams = new StreamBudget(limits.streams());
    this.reads = new RangeReads(rangeReads, counters, budget);
  }

  /**
   * For a broker.
   *
   * @param ioThreads event loops
   * @param rangeReads runs blocking reads of file ranges ({@code weir-read-n}); each stream has at
   *     most one there
   * @param limits bounds of all connections together
   */
  public static TransportResources forServer(
      int ioThreads, Executor rangeReads, SharedLimits limits) {
    return new TransportResources(ioThreads, rangeReads, limits);
  }

  /** For a client, which sends no file ranges. */
  public static TransportResources forClient(int ioThreads) {
    return new TransportResources(
        ioThreads,
        read -> {
          throw new java.util.concurrent.RejectedExecutionException(
              "a client sends no file ranges");
        },
        SharedLimits.NONE);
  }

  public TransportCounters counters() {
    return counters;
  }

  /** Bytes that wait for all sockets together. */
  public long queuedBytes() {
    return budget.queued();
  }

  /** What this JVM allows for direct memory. */
  public static long directLimitBytes() {
    return PlatformDependent.estimateMaxDirectMemory();
  }

  /** Memory of what waits for all sockets together, and of frames that have not ended. */
  public long heldBytes() {
    return budget.memory() + partial.held() + partialOfStrangers.held();
  }

  /** Direct memory held for buffers of the whole process, whether in use or pooled. */
  public long directBytes() {
    return IoLoops.directBytes();
  }

  /** Lets another server of this process (HTTP) share event loops and buffers. */
  public <T extends ServerTransport<T, ?>> T share(T server) {
    return onLoops(server).childOption(ChannelOption.ALLOCATOR, IoLoops.allocator());
  }

  /**
   * As {@link #share}, and of the connections that are no WebSockets only so many are accepted as
   * the strangers allow.
   */
  public <T extends ServerTransport<T, ?>> T share(T server, Strangers strangers) {
    return share(server)
        .doOnChannelInit(
            (observer, channel, peer) ->
                channel.pipeline().addFirst(new StrangerDoor(strangers, counters)));
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

  PartialFrames partialFrames() {
    return partial;
  }

  PartialFrames partialFramesOfStrangers() {
    return partialOfStrangers;
  }

  StreamBudget streams() {
    return streams;
  }

  RangeReads reads() {
    return reads;
  }

  static Time time() {
    return Time.system();
  }

  /** Ends the event loops; completes when their threads are gone. */
  public Mono<Void> close() {
    return loops.disposeLater();
  }
}
