package dev.weir.benchmarks;

import dev.weir.core.route.Routes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Subscribes to a backlog from its beginning. The fast ask for everything, and begin again when
 * they have had all of it.
 */
final class WeirSubscriber implements Speaker {
  /** How a subscriber behaves. */
  enum Kind {
    FAST,
    /** Asks for one message a minute. */
    SLOW,
    /** Asks for everything and never reads its socket. */
    DEAF
  }

  private static final long KEEPALIVE_NANOS = Duration.ofSeconds(5).toNanos();
  private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();

  private final Kind kind;
  private final String route;
  private final byte[] request;
  private final long backlogBytes;
  private final WeirFrameCounter counter;
  private final AtomicLong dataBytes = new AtomicLong(); // written by the load's thread
  private final AtomicLong messages = new AtomicLong();
  private int stream = 1;
  private long beganAtBytes;
  private long firstTick;
  private long keepAlives;
  private long minutes;

  /**
   * @param route with its request, of record or library level
   * @param backlogBytes data bytes after which the fast begin again
   */
  WeirSubscriber(Kind kind, String route, byte[] request, long backlogBytes) {
    this(kind, route, request, backlogBytes, new WeirFrameCounter());
  }

  /** One who reads whole batches as they come, without an end. */
  static WeirSubscriber tailing(byte[] fetchRequest, TailCounter tail) {
    return new WeirSubscriber(
        Kind.FAST, Routes.FETCH, fetchRequest, Long.MAX_VALUE, new WeirFrameCounter(tail));
  }

  private WeirSubscriber(
      Kind kind, String route, byte[] request, long backlogBytes, WeirFrameCounter counter) {
    this.kind = kind;
    this.counter = counter;
    this.route = route;
    this.request = request;
    this.backlogBytes = backlogBytes;
  }

  @Override
  public ByteBuffer greeting() {
    return WeirFrames.setup();
  }

  @Override
  public ByteBuffer opening() {
    return WeirFrames.requestStream(
        stream, route, request, kind == Kind.SLOW ? 1 : WeirFrames.UNBOUNDED);
  }

  @Override
  public boolean reads() {
    return kind != Kind.DEAF;
  }

  @Override
  public @Nullable ByteBuffer onBytes(ByteBuffer bytes) throws IOException {
    counter.take(bytes);
    long came = counter.dataBytes();
    dataBytes.lazySet(came);
    messages.lazySet(counter.messages());
    if (came - beganAtBytes < backlogBytes) {
      return null;
    }
    if (came - beganAtBytes > backlogBytes) {
      throw new IOException(
          "a backlog of " + backlogBytes + " bytes came as " + (came - beganAtBytes));
    }
    beganAtBytes = came;
    ByteBuffer end = WeirFrames.cancel(stream);
    stream += 2;
    ByteBuffer again = opening();
    return ByteBuffer.allocate(end.remaining() + again.remaining()).put(end).put(again).flip();
  }

  @Override
  public @Nullable ByteBuffer onTick(long nowNanos) {
    if (firstTick == 0) {
      firstTick = nowNanos;
    }
    long since = nowNanos - firstTick;
    if (kind == Kind.SLOW && since / MINUTE_NANOS > minutes) {
      minutes++;
      return WeirFrames.requestN(stream, 1);
    }
    if (since / KEEPALIVE_NANOS > keepAlives) {
      keepAlives = since / KEEPALIVE_NANOS;
      return WeirFrames.keepAlive();
    }
    return null;
  }

  @Override
  public long dataBytes() {
    return dataBytes.get();
  }

  @Override
  public long messages() {
    return messages.get();
  }
}
