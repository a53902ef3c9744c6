package dev.weir.transport.rsocket;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;

/** A server with one handler and what its clients need, over real loopback TCP. */
final class LoopbackPair implements AutoCloseable {
  static final SharedLimits LIMITS =
      new SharedLimits(64 << 20, 128 << 20, 64 << 20, 1 << 20, 10_000);
  static final Duration PATIENCE = Duration.ofSeconds(30);

  final TransportResources serverSide;
  final TransportResources clientSide = TransportResources.forClient(1);
  final RSocketServer server;
  private final ExecutorService reads;

  LoopbackPair(RequestHandler handler) {
    this(handler, ServerSettings.at("127.0.0.1", 0));
  }

  LoopbackPair(RequestHandler handler, ServerSettings settings) {
    this(peer -> handler, settings);
  }

  LoopbackPair(ConnectionAcceptor acceptor, ServerSettings settings) {
    AtomicInteger number = new AtomicInteger();
    reads =
        Executors.newFixedThreadPool(
            2,
            task -> {
              Thread thread = new Thread(task, "weir-read-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    serverSide = TransportResources.forServer(1, reads, LIMITS);
    server = await(RSocketServer.start(settings, serverSide, acceptor));
  }

  ClientConnection connect() {
    return connect(ClientSettings.defaults());
  }

  ClientConnection connect(ClientSettings settings) {
    return await(
        ClientConnection.connect(clientSide, "127.0.0.1", server.address().getPort(), settings));
  }

  static <T> T await(Mono<T> mono) {
    return mono.block(PATIENCE);
  }

  @Override
  public void close() {
    server.close().block(PATIENCE);
    clientSide.close().block(PATIENCE);
    serverSide.close().block(PATIENCE);
    reads.shutdownNow();
  }
}
