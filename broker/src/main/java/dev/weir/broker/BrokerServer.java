package dev.weir.broker;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running broker. {@link #start} returns when it accepts requests; whoever started it calls
 * {@link #shutdown}.
 */
public final class BrokerServer {
  private static final Logger LOG = LoggerFactory.getLogger(BrokerServer.class);

  private final Opened opened;
  private final Assembly.Parts parts;
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final CountDownLatch terminated = new CountDownLatch(1);

  private BrokerServer(Opened opened, Assembly.Parts parts) {
    this.opened = opened;
    this.parts = parts;
  }

  /**
   * Opens the data directory, recovers every partition, then listens. Blocks until requests are
   * accepted; on failure everything that was opened is closed again.
   *
   * @throws WeirException one readable sentence: data directory in use or not writable, damaged
   *     metadata, port in use
   */
  public static BrokerServer start(BrokerSettings settings) {
    Opened opened = new Opened();
    try {
      return new BrokerServer(opened, new Assembly(settings, opened).assemble());
    } catch (IOException e) {
      opened.closeAll();
      throw new WeirException(
          ErrorCode.STORAGE_OFFLINE, "the broker cannot start: " + e.getMessage(), e);
    } catch (CompletionException e) {
      opened.closeAll();
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    } catch (RuntimeException | Error e) {
      opened.closeAll();
      throw e;
    }
  }

  /** Where RSocket connections are accepted, with the real port when port 0 was asked for. */
  public InetSocketAddress rsocketAddress() {
    return parts.rsocket().address();
  }

  /** Where HTTP is served. */
  public InetSocketAddress httpAddress() {
    return parts.http().address();
  }

  /**
   * Drains and stops: no new connections, new batches are answered SHUTTING_DOWN, fetch streams end
   * with the event SHUTDOWN, pending acknowledgements finish, logs are closed cleanly. Blocks until
   * done; what has not finished at the deadline is cut off. May be called again, from any thread (a
   * shutdown hook); later calls wait for the first.
   */
  public void shutdown(Duration deadline) {
    if (stopping.compareAndSet(false, true)) {
      try {
        parts.draining().begin();
        parts.partitions().beginShutdown();
        parts.rsocket().drain(deadline).block();
      } catch (RuntimeException e) {
        LOG.error("draining failed", e);
      } finally {
        opened.closeAll();
        terminated.countDown();
      }
    } else {
      awaitUninterruptibly();
    }
  }

  /** Waits until {@link #shutdown} has finished. */
  public void awaitTermination() throws InterruptedException {
    terminated.await();
  }

  private void awaitUninterruptibly() {
    boolean interrupted = false;
    while (terminated.getCount() > 0) {
      try {
        terminated.await();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
