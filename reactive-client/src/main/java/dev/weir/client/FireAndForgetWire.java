package dev.weir.client;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.route.Routes;
import dev.weir.transport.rsocket.ClientConnection;
import dev.weir.transport.rsocket.OutboundMessage;
import java.nio.ByteBuffer;

/**
 * Batches without acknowledgements. Nothing holds the sender back but this: no more is sent while
 * bytes wait for the socket.
 */
final class FireAndForgetWire implements BatchWire {
  /** Bytes that may wait for the socket before sending pauses. */
  private static final long MAX_QUEUED_BYTES = 1 << 20;

  private final ClientConnection connection;
  private final Listener listener;

  private FireAndForgetWire(ClientConnection connection, Listener listener) {
    this.connection = connection;
    this.listener = listener;
  }

  static FireAndForgetWire open(ClientConnection connection, Listener listener) {
    FireAndForgetWire wire = new FireAndForgetWire(connection, listener);
    connection
        .onClose()
        .subscribe(
            ended -> {},
            listener::onLost,
            () ->
                listener.onLost(
                    new WeirException(ErrorCode.CONNECTION_LOST, "the connection was lost")));
    return wire;
  }

  @Override
  public boolean hasRoom() {
    return connection.isOpen() && connection.queuedBytes() < MAX_QUEUED_BYTES;
  }

  @Override
  public boolean mustBePolled() {
    return true;
  }

  @Override
  public void send(long correlationId, ByteBuffer header, ByteBuffer batch) {
    connection
        .fireAndForget(Routes.PRODUCE, OutboundMessage.of(header, batch))
        .subscribe(
            sent -> {},
            error -> listener.onAnswer(correlationId, codeOf(error), String.valueOf(error), -1),
            () -> listener.onAnswer(correlationId, 0, "", SendResult.UNKNOWN_OFFSET));
  }

  @Override
  public void close() {
    // The connection is the client's; there is nothing of ours to end.
  }

  @Override
  public void giveUp() {
    connection.dispose();
  }

  private static int codeOf(Throwable error) {
    return (error instanceof WeirException weir ? weir.code() : ErrorCode.INTERNAL).number();
  }
}
