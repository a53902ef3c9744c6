package dev.weir.transport.rsocket;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.NonBlocking;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.TcpClient;
import reactor.netty.tcp.TcpServer;

/** The event loops of a process, named {@code weir-io-n}, and where their buffers come from. */
final class IoLoops implements LoopResources {
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

  private static final int SMALLEST_READ_BYTES = 2 * 1024;
  private static final int FIRST_READ_BYTES = 16 * 1024;
  private static final int LARGEST_READ_BYTES = 256 * 1024;
  private static final long UNSENT_BYTES = 256 * 1024;

  private final EventLoopGroup group;

  IoLoops(int threads) {
    IoHandlerFactory handlers =
        Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    this.group = new MultiThreadIoEventLoopGroup(threads, new IoThreads(), handlers);
  }

  /**
   * One choice for every channel: Netty's default, the adaptive one. As quick as the pooled one
   * with frames of 64 KiB and 1 MiB here, and it holds 1 to 3 MiB where that one holds 8.
   */
  static ByteBufAllocator allocator() {
    return ByteBufAllocator.DEFAULT;
  }

  /** Direct memory that {@link #allocator} holds, used or pooled; -1 when it does not tell. */
  static long directBytes() {
    return allocator() instanceof ByteBufAllocatorMetricProvider measured
        ? measured.metric().usedDirectMemory()
        : -1;
  }

  /**
   * For connections that carry frames of up to megabytes; small ones are sliced, so a buffer may be
   * held a while.
   */
  static RecvByteBufAllocator receiveBuffers() {
    return new AdaptiveRecvByteBufAllocator(
        SMALLEST_READ_BYTES, FIRST_READ_BYTES, LARGEST_READ_BYTES);
  }

  /**
   * Keeps the kernel from taking megabytes that the peer has not asked for yet: an urgent frame
   * would wait behind them. Linux only.
   */
  static TcpServer limitUnsent(TcpServer server) {
    return Epoll.isAvailable()
        ? server.childOption(EpollChannelOption.TCP_NOTSENT_LOWAT, UNSENT_BYTES)
        : server;
  }

  /** As {@link #limitUnsent(TcpServer)}. */
  static TcpClient limitUnsent(TcpClient client) {
    return Epoll.isAvailable()
        ? client.option(EpollChannelOption.TCP_NOTSENT_LOWAT, UNSENT_BYTES)
        : client;
  }

  @Override
  public EventLoopGroup onServer(boolean useNative) {
    return group;
  }

  @Override
  public EventLoopGroup onClient(boolean useNative) {
    return group;
  }

  @Override
  public boolean isDisposed() {
    return group.isShuttingDown();
  }

  @Override
  public Mono<Void> disposeLater() {
    return disposeLater(Duration.ZERO, CLOSE_LIMIT);
  }

  @Override
  public Mono<Void> disposeLater(Duration quietPeriod, Duration limit) {
    return Mono.create(
        sink ->
            group
                .shutdownGracefully(quietPeriod.toMillis(), limit.toMillis(), TimeUnit.MILLISECONDS)
                .addListener(done -> sink.success()));
  }

  /** Threads on which Reactor and BlockHound know that nothing may block. */
  private static final class IoThread extends FastThreadLocalThread implements NonBlocking {
    IoThread(Runnable target, String name) {
      super(target, name);
      setDaemon(true);
    }
  }

  private static final class IoThreads implements ThreadFactory {
    private final AtomicInteger number = new AtomicInteger();

    @Override
    public Thread newThread(Runnable target) {
      return new IoThread(target, "weir-io-" + number.incrementAndGet());
    }
  }
}
