package dev.weir.transport.rsocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoop;
import io.rsocket.DuplexConnection;
import io.rsocket.RSocketErrorException;
import io.rsocket.exceptions.ConnectionErrorException;
import io.rsocket.frame.ErrorFrameCodec;
import java.net.SocketAddress;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jctools.queues.atomic.MpscUnboundedAtomicArrayQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.Connection;

/**
 * Our side of a connection under RSocket: frames come from any thread, wait in {@link FrameLanes},
 * and are written on the channel's event loop, a bounded number of bytes at a time, so that an
 * urgent frame never waits behind much. What waits is counted in the {@link ByteLedger}; above the
 * hard mark the connection is closed.
 *
 * <p>Every frame has one releaser: whoever raised {@code pending} from zero owns the inbox, the
 * lanes and the writer until it is zero again; once the channel has closed, that owner drops what
 * is left.
 */
final class FrameConnection implements DuplexConnection, FrameWriter.Outcome {
  private static final Logger log = LoggerFactory.getLogger(FrameConnection.class);

  /** Bytes handed to the channel and not yet written; one more frame may go over it. */
  private static final int IN_FLIGHT_COST = 512 * 1024;

  /** Rounds of writing before other connections of the event loop get their turn. */
  private static final int ROUNDS = 16;

  /** How long a farewell may take, behind what is queued or at once. */
  private static final int ORDERLY_CLOSE_MILLIS = 5000;

  private static final int ABRUPT_CLOSE_MILLIS = 1000;

  private final Connection connection;
  private final SocketAddress remoteAddress;
  private final EventLoop loop;
  private final FrameWriter writer;
  private final ByteLedger ledger;
  private final long hardMark;
  private final Queue<QueuedFrame> inbox = new MpscUnboundedAtomicArrayQueue<>(64);
  private final AtomicInteger pending = new AtomicInteger();
  private final FrameLanes lanes = new FrameLanes();
  private final AtomicReference<@Nullable Farewell> farewell = new AtomicReference<>();
  private final Sinks.Empty<Void> onClose = Sinks.empty();
  private @Nullable Watcher watcher;
  private int inFlight;
  private long written;
  private boolean farewellSpoken;
  private volatile boolean closed;

  /** The last frame, and whether what is queued goes before it. */
  private record Farewell(QueuedFrame frame, boolean orderly) {}

  FrameConnection(
      Connection connection, FrameWriter writer, ByteLedger ledger, long hardMarkBytes) {
    this.connection = connection;
    this.remoteAddress = connection.channel().remoteAddress();
    this.loop = connection.channel().eventLoop();
    this.writer = writer;
    this.ledger = ledger;
    this.hardMark = hardMarkBytes;
    ledger.onEvicted(this::evict);
    connection.channel().closeFuture().addListener(done -> onChannelClosed());
  }

  /** Sees every frame that leaves for the socket, on the event loop. */
  interface Watcher {
    void onWrite(int streamId, ByteBuf frame);
  }

  /** Before the first frame. */
  void watchWrites(Watcher each) {
    watcher = each;
  }

  ByteLedger ledger() {
    return ledger;
  }

  EventLoop eventLoop() {
    return loop;
  }

  @Override
  public void sendFrame(int streamId, ByteBuf bytes) {
    if (isDisposed()) {
      bytes.release();
      return;
    }
    QueuedFrame frame = QueuedFrame.of(streamId, bytes);
    long queued = ledger.add(frame.cost(), frame.memory());
    inbox.add(frame);
    signal();
    if (queued > hardMark) {
      closeBecause(queued + " bytes wait for the peer to read, the limit is " + hardMark);
    }
  }

  /** What is queued is written first. */
  @Override
  public void sendErrorAndClose(RSocketErrorException error) {
    part(error, true);
  }

  /** Drops what is queued and tells the peer why, if it still reads. */
  void closeBecause(String reason) {
    if (part(new ConnectionErrorException(reason), false)) {
      log.info("{}: closing: {}", this, reason);
    }
  }

  private boolean part(RSocketErrorException error, boolean orderly) {
    if (isDisposed()) {
      return false;
    }
    QueuedFrame frame = QueuedFrame.of(0, ErrorFrameCodec.encode(alloc(), 0, error));
    ledger.add(frame.cost(), frame.memory());
    if (!farewell.compareAndSet(null, new Farewell(frame, orderly))) {
      drop(frame);
      return false;
    }
    signal();
    int grace = orderly ? ORDERLY_CLOSE_MILLIS : ABRUPT_CLOSE_MILLIS;
    try {
      var unused = loop.schedule(this::dispose, grace, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      log.debug("{}: the event loops have ended", this);
    }
    return true;
  }

  private void signal() {
    if (pending.getAndIncrement() == 0) {
      schedule();
    }
  }

  private void schedule() {
    try {
      loop.execute(this::drain);
    } catch (RejectedExecutionException e) {
      // The event loops have ended and with them the channel: nobody else would release.
      closed = true;
      drain();
    }
  }

  /** By the owner of {@code pending}; in the event loop, or anywhere once closed. */
  private void drain() {
    int rounds = 0;
    int missed = pending.get();
    do {
      for (QueuedFrame frame = inbox.poll(); frame != null; frame = inbox.poll()) {
        lanes.add(frame);
      }
      if (!closed) {
        writeSome();
      }
      if (closed) {
        dropAll();
      } else if (++rounds >= ROUNDS && !(lanes.isEmpty() && inbox.isEmpty())) {
        schedule();
        return;
      }
      missed = pending.addAndGet(-missed);
    } while (missed != 0);
  }

  /** Never throws: the owner of {@code pending} has to go on, or nobody would release. */
  private void writeSome() {
    try {
      Farewell last = farewell.get();
      if (last != null && !last.orderly()) {
        lanes.clear(this::drop);
      }
      while (inFlight < IN_FLIGHT_COST) {
        QueuedFrame next = lanes.next();
        if (next == null) {
          break;
        }
        write(next);
      }
      if (last != null && !farewellSpoken && lanes.isEmpty()) {
        farewellSpoken = true;
        write(last.frame());
      }
      writer.flush(this);
      if (farewellSpoken && inFlight == 0) {
        dispose();
      }
    } catch (Throwable e) {
      // Also errors: without direct memory this connection ends, not its accounting.
      breakOff(e);
    }
  }

  private void breakOff(Throwable cause) {
    closed = true;
    log.error("{}: a frame cannot be written", this, cause);
    writer.abandon(this);
    var unused = connection.channel().close();
  }

  private void write(QueuedFrame frame) {
    if (watcher != null) {
      watcher.onWrite(frame.streamId(), frame.bytes());
    }
    inFlight += frame.cost();
    try {
      writer.write(frame, this);
    } catch (Throwable e) {
      inFlight -= frame.cost();
      drop(frame);
      throw e;
    }
  }

  @Override
  public void onWritten(int cost, int memory) {
    written += cost;
    settle(cost, memory);
  }

  @Override
  public void onFailed(int cost, int memory, Throwable cause) {
    settle(cost, memory);
    if (!closed) {
      log.debug("{}: write failed", this, cause);
      dispose();
    }
  }

  private void settle(int cost, int memory) {
    inFlight -= cost;
    ledger.subtract(cost, memory);
    if (pending.getAndIncrement() == 0) {
      drain();
    }
  }

  private void onChannelClosed() {
    closed = true;
    if (pending.getAndIncrement() == 0) {
      drain();
    }
    ledger.close();
    onClose.tryEmitEmpty();
  }

  /** At once: a peer that let so much queue up would not read why. On any thread. */
  private void evict(long memory) {
    log.warn("{}: closing: it holds {} bytes of memory, which others need", this, memory);
    dispose();
  }

  private void dropAll() {
    lanes.clear(this::drop);
    Farewell last = farewell.get();
    if (last != null && !farewellSpoken) {
      farewellSpoken = true;
      drop(last.frame());
    }
  }

  private void drop(QueuedFrame frame) {
    ledger.subtract(frame.cost(), frame.memory());
    try {
      frame.bytes().release();
    } catch (RuntimeException | Error e) {
      // The frames behind it are to be released all the same.
      log.error("{}: a frame cannot be released", this, e);
    }
  }

  /** A number that changes whenever the socket takes bytes. In the event loop only. */
  long progress() {
    ChannelOutboundBuffer outbound = connection.channel().unsafe().outboundBuffer();
    return outbound == null ? written : written + outbound.currentProgress();
  }

  @Override
  public Flux<ByteBuf> receive() {
    return connection.inbound().receive();
  }

  @Override
  public ByteBufAllocator alloc() {
    return connection.channel().alloc();
  }

  @Override
  public SocketAddress remoteAddress() {
    return remoteAddress;
  }

  @Override
  public Mono<Void> onClose() {
    return onClose.asMono();
  }

  @Override
  public void dispose() {
    connection.dispose();
  }

  @Override
  public boolean isDisposed() {
    return closed || farewell.get() != null;
  }

  @Override
  public String toString() {
    return "connection " + connection.channel().id() + " of " + remoteAddress;
  }
}
