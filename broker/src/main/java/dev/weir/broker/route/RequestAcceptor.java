package dev.weir.broker.route;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.transport.rsocket.ConnectionAcceptor;
import dev.weir.transport.rsocket.PeerConnection;
import dev.weir.transport.rsocket.RequestHandler;
import org.jspecify.annotations.Nullable;

/** Gives every connection its requests' way to the handlers, once the broker is ready. */
public final class RequestAcceptor implements ConnectionAcceptor {
  private final ByteBudget inbound;
  private final long connectionInboundBytes;
  private volatile @Nullable RouteTable routes;

  public RequestAcceptor(long inboundBytes, long connectionInboundBytes) {
    this.inbound = new ByteBudget(null, inboundBytes);
    this.connectionInboundBytes = connectionInboundBytes;
  }

  /** From now on connections are accepted. */
  public void open(RouteTable table) {
    routes = table;
  }

  @Override
  public RequestHandler accept(PeerConnection connection) {
    @Nullable RouteTable table = routes;
    if (table == null) {
      throw new WeirException(ErrorCode.OVERLOADED, "the broker is starting; try again");
    }
    return new ConnectionRequests(
        table, new Caller(connection, new ByteBudget(inbound, connectionInboundBytes)));
  }
}
