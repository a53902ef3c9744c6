package dev.weir.broker;

import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * A running broker. {@link #start} returns when it accepts requests; whoever started it calls {@link #shutdown}, once.
 */
public final class BrokerServer {
  private BrokerServer() {}

  /**
   * Opens the data directory, recovers every partition, then listens. Blocks until requests are accepted; on failure
   * everything that was opened is closed again.
   *
   * @throws dev.weir.core.error.WeirException one readable sentence: data directory in use or not writable, damaged
   *     metadata, port in use
   */
  public static BrokerServer start(BrokerSettings settings) {
    throw new UnsupportedOperationException("not yet: " + settings);
  }

  /** Where RSocket connections are accepted, with the real port when port 0 was asked for. */
  public InetSocketAddress rsocketAddress() {
    throw new UnsupportedOperationException();
  }

  /** Where HTTP is served. */
  public InetSocketAddress httpAddress() {
    throw new UnsupportedOperationException();
  }

  /**
   * Drains and stops: no new connections, new batches are answered SHUTTING_DOWN, fetch streams end with the event
   * SHUTDOWN, pending acknowledgements finish, logs are closed cleanly. Blocks until done; what has not finished at the
   * deadline is cut off. May be called again, from any thread (a shutdown hook); later calls wait for the first.
   */
  public void shutdown(Duration deadline) {
    throw new UnsupportedOperationException();
  }

  /** Waits until {@link #shutdown} has finished. */
  public void awaitTermination() throws InterruptedException {
    throw new UnsupportedOperationException();
  }
}
