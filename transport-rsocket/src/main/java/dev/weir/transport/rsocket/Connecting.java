package dev.weir.transport.rsocket;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import io.netty.channel.ChannelOption;
import io.netty.resolver.DefaultAddressResolverGroup;
import io.netty.util.NetUtil;
import io.rsocket.RSocket;
import io.rsocket.core.RSocketConnector;
import io.rsocket.frame.decoder.PayloadDecoder;
import java.time.Duration;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.tcp.TcpClient;

/** One attempt to reach a broker. */
final class Connecting {
  /** Rounds to zero milliseconds, which switches the library's KEEPALIVE off in favour of ours. */
  private static final Duration NO_LIBRARY_KEEPALIVE = Duration.ofNanos(1);

  private final TransportResources resources;
  private final String host;
  private final int port;
  private final ClientSettings settings;

  Connecting(TransportResources resources, String host, int port, ClientSettings settings) {
    this.resources = resources;
    this.host = host;
    this.port = port;
    this.settings = settings;
  }

  Mono<ClientConnection> run() {
    return tcpClient().connect().flatMap(this::setUp).onErrorMap(this::unavailable);
  }

  private TcpClient tcpClient() {
    TcpClient client =
        IoLoops.limitUnsent(resources.onLoops(TcpClient.create(ConnectionProvider.newConnection())))
            .host(host)
            .port(port)
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) settings.connectTimeout().toMillis())
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.RECVBUF_ALLOCATOR, IoLoops.receiveBuffers());
    // Loading the asynchronous resolver takes a while; these names need none.
    return isLocalName() ? client.resolver(DefaultAddressResolverGroup.INSTANCE) : client;
  }

  private boolean isLocalName() {
    return host.equals("localhost")
        || NetUtil.isValidIpV4Address(host)
        || NetUtil.isValidIpV6Address(host);
  }

  private Mono<ClientConnection> setUp(Connection connection) {
    TransportSettings bounds = settings.connection();
    ByteLedger ledger = new ByteLedger(resources.budget(), bounds.highMarkBytes());
    FrameWriter writer = new TcpFrameWriter(connection.channel(), resources.counters());
    FrameConnection frames =
        new FrameConnection(connection, writer, ledger, bounds.hardMarkBytes());
    connection.addHandlerLast(
        new FrameAssembler(
            bounds.maxFrameBytes(), resources.partialFrames(), frames::closeBecause));
    GuardedConnection guarded =
        new GuardedConnection(
            frames, bounds, resources.counters(), TransportResources.time(), null);
    MessageEncoder encoder =
        new MessageEncoder(frames.alloc(), MetadataFormat.COMPOSITE, bounds.maxFrameBytes());
    OutboundPath path = new OutboundPath(encoder, ledger, resources.reads(), frames.alloc(), false);
    return connector()
        .connect(new OpenTransport(guarded, bounds.maxFrameBytes()))
        .map((RSocket socket) -> new ClientConnection(socket, frames, path));
  }

  private RSocketConnector connector() {
    return RSocketConnector.create()
        .metadataMimeType(MetadataCodec.COMPOSITE)
        .dataMimeType(settings.dataMimeType())
        .keepAlive(NO_LIBRARY_KEEPALIVE, settings.connection().keepAliveTimeout())
        .maxInboundPayloadSize(settings.connection().maxFrameBytes())
        .payloadDecoder(PayloadDecoder.ZERO_COPY);
  }

  private Throwable unavailable(Throwable error) {
    if (error instanceof WeirException) {
      return error;
    }
    return new WeirException(
        ErrorCode.BROKER_UNAVAILABLE,
        "cannot connect to " + host + ":" + port + ": " + error.getMessage(),
        error);
  }
}
