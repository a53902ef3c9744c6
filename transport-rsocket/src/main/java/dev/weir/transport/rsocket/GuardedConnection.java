package dev.weir.transport.rsocket;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.time.Time;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.Future;
import io.rsocket.DuplexConnection;
import io.rsocket.RSocketErrorException;
import io.rsocket.frame.ErrorFrameCodec;
import io.rsocket.frame.FrameHeaderCodec;
import io.rsocket.frame.FrameType;
import io.rsocket.frame.KeepAliveFrameCodec;
import io.rsocket.frame.SetupFrameCodec;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SynchronousSink;

/**
 * Looks at what comes in and watches the clock: answers and sends KEEPALIVE itself (any frame
 * counts as life, and the library's own timers are switched off), closes when the peer is silent,
 * does not read, or floods.
 *
 * <p>Everything mutable belongs to the channel's event loop.
 */
final class GuardedConnection implements DuplexConnection {
  private static final int KEEPALIVE_DATA_LIMIT = 64;
  private static final int KEEPALIVES_PER_TICK = 1000;

  /** How long the streams of a connection count after its end. */
  private static final int CLOSED_MILLIS = 1000;

  /** In SETUP: header, version, then the interval and the lifetime. */
  private static final int SETUP_INTERVAL_OFFSET = 10;

  private static final int SETUP_LIFETIME_OFFSET = 14;

  private final FrameConnection source;
  private final TransportSettings settings;
  private final TransportCounters counters;
  private final Time time;
  private final @Nullable PeerStreams streams;
  private final Future<?> ticks;
  private long lastInbound;
  private long lastProgress;
  private long lastProgressAt;
  private int keepAlivesInTick;
  private boolean introduced;

  /**
   * @param streams those the peer opens; null where it opens none
   */
  GuardedConnection(
      FrameConnection source,
      TransportSettings settings,
      TransportCounters counters,
      Time time,
      @Nullable PeerStreams streams) {
    this.source = source;
    this.streams = streams;
    this.settings = settings;
    this.counters = counters;
    this.time = time;
    this.lastInbound = time.nanos();
    this.lastProgressAt = lastInbound;
    long period = tickMillis(settings);
    this.ticks =
        source.eventLoop().scheduleAtFixedRate(this::onTick, period, period, TimeUnit.MILLISECONDS);
    source.onClose().subscribe(null, null, this::stop);
    if (streams != null) {
      source.watchWrites(streams::onWrite);
    }
  }

  private static long tickMillis(TransportSettings settings) {
    long quarter =
        Math.min(settings.stallTimeout().toMillis(), settings.keepAliveTimeout().toMillis()) / 4;
    return Math.max(1, Math.min(quarter, settings.keepAliveInterval().toMillis()));
  }

  private void stop() {
    ticks.cancel(false);
    if (streams != null) {
      release(streams);
    }
  }

  /** Not at once: who closes and comes back cancels, too. */
  private void release(PeerStreams known) {
    known.onClosed();
    try {
      var unused =
          source
              .eventLoop()
              .schedule(known::onClosedForAWhile, CLOSED_MILLIS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) { // the event loops have ended
      known.onClosedForAWhile();
    }
  }

  @Override
  public Flux<ByteBuf> receive() {
    return source.receive().handle(this::inspect);
  }

  private void inspect(ByteBuf frame, SynchronousSink<ByteBuf> sink) {
    lastInbound = time.nanos();
    if (isDisposed()) {
      return;
    }
    int bytes = frame.readableBytes();
    try {
      route(frame, sink);
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      refuse("a frame of " + bytes + " bytes is malformed: " + e.getMessage());
    }
  }

  private void route(ByteBuf frame, SynchronousSink<ByteBuf> sink) {
    FrameType type = FrameHeaderCodec.frameType(frame);
    if (type == FrameType.KEEPALIVE) {
      onKeepAlive(frame);
    } else if (type == FrameType.SETUP) {
      onSetup(frame, sink);
    } else if (isFragment(type, frame)) {
      refuse("fragmented frames are not accepted: send payloads whole");
    } else if (streams != null && introduced) {
      routeOfMember(streams, type, frame, sink);
    } else {
      sink.next(frame);
    }
  }

  private void onSetup(ByteBuf frame, SynchronousSink<ByteBuf> sink) {
    if (introduced) {
      refuse("a SETUP came twice");
      return;
    }
    readSetup(frame);
    // Zero switches the library's timers off: they count only KEEPALIVE as life.
    frame.setInt(frame.readerIndex() + SETUP_INTERVAL_OFFSET, 0);
    introduced = true;
    sink.next(frame);
  }

  /** Here a malformed one closes the connection; what RSocket throws would leave it hanging. */
  private static void readSetup(ByteBuf frame) {
    int mimeTypes =
        SetupFrameCodec.metadataMimeType(frame).length()
            + SetupFrameCodec.dataMimeType(frame).length();
    ByteBuf metadata = SetupFrameCodec.metadata(frame);
    int content = metadata == null ? 0 : metadata.readableBytes();
    content += SetupFrameCodec.data(frame).readableBytes();
    if (mimeTypes + content > frame.readableBytes()) {
      throw new IllegalArgumentException("its parts are larger than the whole");
    }
  }

  private void routeOfMember(
      PeerStreams known, FrameType type, ByteBuf frame, SynchronousSink<ByteBuf> sink) {
    int streamId = FrameHeaderCodec.streamId(frame);
    if (streamId == 0) {
      if (type == FrameType.ERROR) {
        sink.next(frame);
      } else if (type != FrameType.METADATA_PUSH) { // nobody here would read it
        refuse("a " + type + " frame came that nobody expects on stream 0");
      }
      return;
    }
    switch (known.onFrame(type, frame)) {
      case PASS -> sink.next(frame);
      case REJECT -> reject(streamId, known.reason());
      case CLOSE -> refuse(known.reason());
      case DROP -> {}
    }
  }

  private void reject(int streamId, String reason) {
    counters.rejected.increment();
    Throwable error = WireErrors.toWire(new WeirException(ErrorCode.OVERLOADED, reason));
    source.sendFrame(streamId, ErrorFrameCodec.encode(alloc(), streamId, error));
  }

  private static boolean isFragment(FrameType type, ByteBuf frame) {
    return type.isFragmentable() && FrameHeaderCodec.hasFollows(frame);
  }

  private void refuse(String reason) {
    counters.floods.increment();
    source.closeBecause(reason);
  }

  private void onKeepAlive(ByteBuf frame) {
    int data = KeepAliveFrameCodec.data(frame).readableBytes();
    if (data > KEEPALIVE_DATA_LIMIT) {
      refuse("a KEEPALIVE carries " + data + " bytes, the limit is " + KEEPALIVE_DATA_LIMIT);
    } else if (++keepAlivesInTick > KEEPALIVES_PER_TICK) {
      refuse("more than " + KEEPALIVES_PER_TICK + " KEEPALIVE frames came at once");
    } else if (KeepAliveFrameCodec.respondFlag(frame)) {
      ByteBuf echo = alloc().buffer(data).writeBytes(KeepAliveFrameCodec.data(frame));
      source.sendFrame(0, KeepAliveFrameCodec.encode(alloc(), false, 0, echo));
    }
  }

  private void onTick() {
    keepAlivesInTick = 0;
    if (streams != null) {
      streams.onTick();
    }
    if (isDisposed()) {
      return; // it says farewell, and has been counted
    }
    long now = time.nanos();
    long silence = now - lastInbound;
    if (silence >= settings.keepAliveTimeout().toNanos()) {
      source.closeBecause("nothing came for " + Duration.ofNanos(silence).toMillis() + " ms");
      return;
    }
    if (introduced && silence >= settings.keepAliveInterval().toNanos()) {
      source.sendFrame(0, KeepAliveFrameCodec.encode(alloc(), true, 0, Unpooled.EMPTY_BUFFER));
    }
    watchProgress(now);
  }

  private void watchProgress(long now) {
    long progress = source.progress();
    if (progress != lastProgress || source.ledger().queued() == 0) {
      lastProgress = progress;
      lastProgressAt = now;
    } else if (now - lastProgressAt >= settings.stallTimeout().toNanos()) {
      counters.stalled.increment();
      source.closeBecause(
          source.ledger().queued()
              + " bytes wait and the peer took none for "
              + Duration.ofNanos(now - lastProgressAt).toMillis()
              + " ms");
    }
  }

  @Override
  public void sendFrame(int streamId, ByteBuf frame) {
    if (streamId == 0 && FrameHeaderCodec.frameType(frame) == FrameType.SETUP) {
      announceKeepAlive(frame);
    }
    source.sendFrame(streamId, frame);
  }

  private void announceKeepAlive(ByteBuf setup) {
    introduced = true;
    int base = setup.readerIndex();
    setup.setInt(base + SETUP_INTERVAL_OFFSET, (int) settings.keepAliveInterval().toMillis());
    setup.setInt(base + SETUP_LIFETIME_OFFSET, (int) settings.keepAliveTimeout().toMillis());
  }

  @Override
  public void sendErrorAndClose(RSocketErrorException error) {
    source.sendErrorAndClose(error);
  }

  @Override
  public ByteBufAllocator alloc() {
    return source.alloc();
  }

  @Override
  public SocketAddress remoteAddress() {
    return source.remoteAddress();
  }

  @Override
  public Mono<Void> onClose() {
    return source.onClose();
  }

  @Override
  public void dispose() {
    source.dispose();
  }

  @Override
  public boolean isDisposed() {
    return source.isDisposed();
  }

  @Override
  public String toString() {
    return source.toString();
  }
}
