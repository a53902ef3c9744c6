package dev.weir.client;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.time.Time;
import dev.weir.transport.rsocket.ClientConnection;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * The one connection to one broker, made when it is needed and again after it was lost. Those who
 * need it at the same time share one attempt; for a moment after a failed attempt everybody gets
 * its error, so that many waiting partitions do not become many attempts. Any thread.
 */
final class BrokerLink {
  private static final Duration QUIET_AFTER_FAILURE = Duration.ofMillis(100);

  private final ServerAddress address;
  private final Supplier<Mono<ClientConnection>> connector;
  private final Time time;

  /** Ends those who wait for an attempt: event loops that stop may leave it without an outcome. */
  private final Sinks.Empty<ClientConnection> ending = Sinks.empty();

  private @Nullable Mono<ClientConnection> attempt; // guarded by this
  private @Nullable ClientConnection open; // guarded by this
  private @Nullable Throwable failure; // guarded by this
  private long failedAtNanos; // guarded by this
  private boolean closed; // guarded by this

  BrokerLink(ServerAddress address, Supplier<Mono<ClientConnection>> connector, Time time) {
    this.address = address;
    this.connector = connector;
    this.time = time;
  }

  /** The open connection, or the outcome of an attempt; BROKER_UNAVAILABLE, CLOSED. */
  Mono<ClientConnection> connection() {
    return Mono.firstWithSignal(Mono.defer(this::current), ending.asMono());
  }

  synchronized boolean isOpen() {
    return open != null && open.isOpen();
  }

  /** Closes the connection and makes no more. */
  Mono<Void> close() {
    ClientConnection last;
    synchronized (this) {
      closed = true;
      last = open;
    }
    ending.tryEmitError(ClientThreads.clientClosed());
    if (last == null) {
      return Mono.empty();
    }
    last.dispose();
    return last.onClose();
  }

  private synchronized Mono<ClientConnection> current() {
    if (closed) {
      return Mono.error(new WeirException(ErrorCode.CLOSED, "the client is closed"));
    }
    if (open != null && open.isOpen()) {
      return Mono.just(open);
    }
    open = null;
    if (attempt != null) {
      return attempt;
    }
    if (failure != null && time.nanos() - failedAtNanos < QUIET_AFTER_FAILURE.toNanos()) {
      return Mono.error(failure);
    }
    attempt = connector.get().doOnSuccess(this::onConnected).doOnError(this::onFailed).cache();
    return attempt;
  }

  private void onConnected(@Nullable ClientConnection connection) {
    boolean tooLate;
    synchronized (this) {
      attempt = null;
      failure = null;
      open = connection;
      tooLate = closed;
    }
    if (tooLate && connection != null) {
      connection.dispose();
    }
  }

  private synchronized void onFailed(Throwable error) {
    attempt = null;
    failure = error;
    failedAtNanos = time.nanos();
  }

  @Override
  public String toString() {
    return address.toString();
  }
}
