package dev.weir.transport.rsocket;

import dev.weir.core.error.WeirException;
import io.netty.util.concurrent.Future;
import io.rsocket.ConnectionSetupPayload;
import io.rsocket.RSocket;
import io.rsocket.SocketAcceptor;
import io.rsocket.exceptions.RejectedSetupException;
import io.rsocket.frame.decoder.PayloadDecoder;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;

/**
 * Takes over the connections a server accepted: strangers until their SETUP came, then members with
 * a handler. Any thread.
 */
final class ServerConnections {
  private static final Logger log = LoggerFactory.getLogger(ServerConnections.class);

  /** Frame dumps read every byte, so ranges have to be copied for them. */
  private static final Logger FRAME_DUMPS = LoggerFactory.getLogger("io.rsocket.FrameLogger");

  private final ServerSettings settings;
  private final TransportResources resources;
  private final ConnectionAcceptor acceptor;
  private final Strangers strangers;
  private final Set<Member> members = ConcurrentHashMap.newKeySet();

  /** A connection with a handler. */
  record Member(FrameConnection frames, OpenRequests open) {
    boolean isQuiet() {
      return open.now() == 0 && frames.ledger().queued() == 0;
    }
  }

  ServerConnections(
      ServerSettings settings, TransportResources resources, ConnectionAcceptor acceptor) {
    this.settings = settings;
    this.resources = resources;
    this.acceptor = acceptor;
    this.strangers =
        new Strangers(settings.strangers().maxConnections(), settings.strangers().maxPerAddress());
  }

  Set<Member> members() {
    return members;
  }

  /** A TCP connection was accepted. On its event loop. */
  void onTcp(Connection connection) {
    FrameConnection frames =
        frames(connection, new TcpFrameWriter(connection.channel(), resources.counters()));
    FrameAssembler assembler =
        new FrameAssembler(
            settings.strangers().maxFirstFrameBytes(),
            resources.partialFramesOfStrangers(),
            reason -> flood(frames, reason));
    connection.addHandlerLast(assembler);
    Runnable onSetup =
        () ->
            assembler.allowFrames(settings.connection().maxFrameBytes(), resources.partialFrames());
    serve(frames, true, onSetup).subscribe(connection.disposeSubscriber());
  }

  /** A WebSocket was opened. Completes when it has closed. */
  Mono<Void> onWebSocket(Connection connection) {
    StrangerDoor.leave(connection.channel().pipeline());
    FrameConnection frames = frames(connection, new WebSocketFrameWriter(connection.channel()));
    WebSocketBytes bytes =
        new WebSocketBytes(
            settings.strangers().maxFirstFrameBytes(),
            resources.partialFramesOfStrangers(),
            reason -> flood(frames, reason));
    WebSocketFlood behind =
        new WebSocketFlood(TransportResources.time(), bytes, reason -> flood(frames, reason));
    bytes.guard(connection.channel().pipeline(), behind);
    return serve(frames, false, () -> bytes.setUp(resources.partialFrames()));
  }

  private FrameConnection frames(Connection connection, FrameWriter writer) {
    TransportSettings bounds = settings.connection();
    ByteLedger ledger = new ByteLedger(resources.budget(), bounds.highMarkBytes());
    return new FrameConnection(connection, writer, ledger, bounds.hardMarkBytes());
  }

  private void flood(FrameConnection frames, String reason) {
    resources.counters().floods.increment();
    frames.closeBecause(reason);
  }

  private Mono<Void> serve(FrameConnection frames, boolean sendsFiles, Runnable onSetup) {
    TransportSettings bounds = settings.connection();
    Strangers.Stranger stranger = strangers.admit(frames.remoteAddress());
    if (stranger == null || members.size() >= settings.maxConnections()) {
      return refuse(frames, stranger);
    }
    limitTime(stranger, frames);
    PeerStreams streams = new PeerStreams(settings.maxStreams(), resources.streams());
    GuardedConnection guarded =
        new GuardedConnection(
            frames, bounds, resources.counters(), TransportResources.time(), streams);
    SocketAcceptor onAccept =
        (setup, peer) -> {
          stranger.leave();
          onSetup.run();
          return accept(setup, frames, sendsFiles && !FRAME_DUMPS.isDebugEnabled());
        };
    return io.rsocket.core.RSocketServer.create(onAccept)
        .payloadDecoder(PayloadDecoder.ZERO_COPY)
        .maxInboundPayloadSize(bounds.maxFrameBytes())
        .maxTimeToFirstFrame(settings.strangers().firstFrameTimeout())
        .asConnectionAcceptor(bounds.maxFrameBytes())
        .apply(guarded)
        .onErrorResume(
            e -> {
              log.debug("{}: not accepted: {}", frames, e.toString());
              if (!(e instanceof TimeoutException)) { // whose deadline is ours too
                frames.closeBecause("the connection cannot be set up: " + e.getMessage());
              }
              return Mono.empty();
            })
        .then(frames.onClose());
  }

  private Mono<Void> refuse(FrameConnection frames, Strangers.@Nullable Stranger stranger) {
    resources.counters().strangers.increment();
    if (stranger != null) {
      stranger.leave();
    }
    frames.dispose();
    return frames.onClose();
  }

  private void limitTime(Strangers.Stranger stranger, FrameConnection frames) {
    Future<?> deadline =
        frames
            .eventLoop()
            .schedule(
                () -> {
                  if (stranger.isHere()) {
                    resources.counters().strangers.increment();
                    frames.dispose();
                  }
                },
                settings.strangers().firstFrameTimeout().toMillis(),
                TimeUnit.MILLISECONDS);
    frames
        .onClose()
        .subscribe(
            null,
            null,
            () -> {
              deadline.cancel(false);
              stranger.leave();
            });
  }

  private Mono<RSocket> accept(
      ConnectionSetupPayload setup, FrameConnection frames, boolean sendsFiles) {
    MetadataFormat format = MetadataFormat.ofMimeType(setup.metadataMimeType());
    RequestHandler handler;
    try {
      handler = acceptor.accept(new AcceptedConnection(frames, setup.dataMimeType()));
    } catch (WeirException e) {
      return Mono.error(new RejectedSetupException(e.getMessage(), e));
    } catch (RuntimeException e) {
      log.error("{}: the acceptor failed", frames, e);
      return Mono.error(new RejectedSetupException("the broker failed unexpectedly", e));
    }
    MessageEncoder encoder =
        new MessageEncoder(frames.alloc(), format, settings.connection().maxFrameBytes());
    OutboundPath path =
        new OutboundPath(encoder, frames.ledger(), resources.reads(), frames.alloc(), sendsFiles);
    Member member = new Member(frames, new OpenRequests());
    members.add(member);
    frames.onClose().subscribe(null, null, () -> members.remove(member));
    return Mono.just(new HandlerSocket(handler, format, path, resources.counters(), member.open()));
  }
}
