package dev.weir.benchmarks;

import dev.weir.core.time.Time;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Many connections on one thread that reads, counts and forgets: as little work as a subscriber can
 * be, because it shares the cores with the broker it measures.
 */
final class SocketLoad implements AutoCloseable {
  private static final int READ_BYTES = 256 << 10;
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration LONGEST_END = Duration.ofSeconds(10);

  private final InetSocketAddress broker;
  private final Selector selector = Selector.open();
  private final List<Connection> connections = new ArrayList<>();
  private final Thread thread = new Thread(this::run, "socket-load");
  private volatile @Nullable Exception failure;
  private volatile boolean closed;
  private final AtomicInteger reconnects = new AtomicInteger();

  private static final class Connection {
    final Speaker speaker;
    SocketChannel channel;

    Connection(Speaker speaker, SocketChannel channel) {
      this.speaker = speaker;
      this.channel = channel;
    }
  }

  /**
   * Connects all of them to a broker on this machine; nothing is delivered before {@link #start}.
   */
  SocketLoad(int port, List<? extends Speaker> speakers) throws IOException {
    this.broker = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    try {
      for (Speaker speaker : speakers) {
        connections.add(new Connection(speaker, open(speaker)));
      }
    } catch (IOException e) {
      release();
      throw e;
    }
  }

  void start() throws IOException {
    for (Connection connection : connections) {
      begin(connection);
    }
    thread.setDaemon(true);
    thread.start();
  }

  /** Connections of those who do not read that the broker closed. */
  int reconnects() {
    return reconnects.get();
  }

  /** Throws what has ended the load, if anything has. */
  void requireRunning() throws IOException {
    Exception reason = failure;
    if (reason != null) {
      throw new IOException("the subscribers had to stop: " + reason.getMessage(), reason);
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    selector.wakeup();
    try {
      thread.join(LONGEST_END.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // sockets are closed all the same
    }
    release();
  }

  private SocketChannel open(Speaker speaker) throws IOException {
    SocketChannel channel = SocketChannel.open(broker);
    channel.configureBlocking(false);
    write(channel, speaker.greeting());
    return channel;
  }

  private void begin(Connection connection) throws IOException {
    write(connection.channel, connection.speaker.opening());
    if (connection.speaker.reads()) {
      connection.channel.register(selector, SelectionKey.OP_READ, connection);
    }
  }

  private void run() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
    try {
      long lastTick = Time.system().nanos();
      while (!closed) {
        selector.select(TICK.toMillis());
        for (SelectionKey key : selector.selectedKeys()) {
          read((Connection) key.attachment(), buffer);
        }
        selector.selectedKeys().clear();
        long now = Time.system().nanos();
        if (now - lastTick >= TICK.toNanos()) {
          lastTick = now;
          for (Connection connection : connections) {
            tick(connection, now);
          }
        }
      }
    } catch (IOException | RuntimeException e) {
      failure = e;
    }
  }

  private static void read(Connection connection, ByteBuffer buffer) throws IOException {
    if (connection.channel.read(buffer.clear()) < 0) {
      throw new IOException("the broker closed a connection that reads");
    }
    write(connection.channel, connection.speaker.onBytes(buffer.flip()));
  }

  private void tick(Connection connection, long now) throws IOException {
    try {
      write(connection.channel, connection.speaker.onTick(now));
    } catch (IOException e) {
      if (connection.speaker.reads()) {
        throw e;
      }
      connection.channel.close();
      connection.channel = open(connection.speaker);
      begin(connection);
      reconnects.incrementAndGet();
    }
  }

  /** A subscriber writes so little that the socket takes it at once. */
  private static void write(SocketChannel channel, @Nullable ByteBuffer bytes) throws IOException {
    if (bytes != null) {
      channel.write(bytes);
      if (bytes.hasRemaining()) {
        throw new IOException("the broker does not take " + bytes.remaining() + " bytes");
      }
    }
  }

  private void release() throws IOException {
    for (Connection connection : connections) {
      connection.channel.close();
    }
    selector.close();
  }
}
