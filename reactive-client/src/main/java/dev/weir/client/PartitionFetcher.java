package dev.weir.client;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.loop.ThreadLoop;
import dev.weir.core.protocol.FetchEvent;
import dev.weir.core.protocol.FetchHeader;
import dev.weir.core.protocol.FetchRequest;
import dev.weir.core.route.Routes;
import dev.weir.transport.rsocket.ClientConnection;
import dev.weir.transport.rsocket.OutboundMessage;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/**
 * Reads one partition for one subscription: finds its leader and the starting offset, keeps a fetch
 * stream open with a window of frames, and opens the next one where the last ended. Owned by the
 * subscription's loop.
 */
final class PartitionFetcher implements FetchStream.Listener {
  private static final long FROM_START = Long.MIN_VALUE;

  /** A stream that lived so long was a success even if nothing came. */
  private static final Duration GOOD_STREAM = Duration.ofSeconds(5);

  /** Whoever reads the frames. In the loop. */
  interface Reader {
    void onFrames(PartitionFetcher fetcher);

    void onFailure(PartitionFetcher fetcher, WeirException reason);
  }

  private final Cluster cluster;
  private final ThreadLoop loop;
  private final FetchPlan plan;
  private final PartitionTarget partition;
  private final boolean untilEnd;
  private final Reader reader;
  private final Backoff backoff = new Backoff(new SplittableRandom());
  private final ArrayDeque<Frame> frames = new ArrayDeque<>(); // at most a window
  private StartingPosition start; // what to look up while the offset is not known
  private long fetchOffset = FROM_START; // where the next frame starts
  private long endExclusive = Long.MAX_VALUE;
  private boolean endKnown;
  private @Nullable Disposable opening;
  private @Nullable FetchStream stream;
  private boolean streamOpened; // since the last failure
  private long streamSinceNanos;
  private long credits; // given to the stream so far
  private int outstanding; // frames asked of the stream and not here yet
  private @Nullable FetchEvent goodbye; // the event the stream ended itself with
  private long failingSinceNanos;
  private boolean failing;
  private boolean closed;

  PartitionFetcher(
      Cluster cluster,
      ThreadLoop loop,
      FetchPlan plan,
      PartitionTarget partition,
      StartingPosition start,
      boolean untilEnd,
      Reader reader) {
    this.cluster = cluster;
    this.loop = loop;
    this.plan = plan;
    this.partition = partition;
    this.start = start;
    this.untilEnd = untilEnd;
    this.reader = reader;
  }

  PartitionTarget partition() {
    return partition;
  }

  long endExclusive() {
    return endExclusive;
  }

  /** Begins to fetch. Once. */
  void open() {
    Mono<ClientConnection> leader =
        cluster
            .topics()
            .layout(partition.topic())
            .flatMap(
                layout ->
                    layout.idBytes().equals(partition.topicId())
                        ? connect(layout)
                        : Mono.error(deleted()));
    opening =
        leader
            .flatMap(broker -> positions(broker).map(positions -> new Opened(broker, positions)))
            .subscribe(
                opened -> ClientThreads.post(loop, () -> onOpened(opened)),
                error -> ClientThreads.post(loop, () -> retryOrFail(error)));
  }

  /** The next frame to read, which stays until {@link #removeFirst}; null when there is none. */
  @Nullable Frame first() {
    return frames.peekFirst();
  }

  /** The first frame is read. */
  void removeFirst() {
    frames.removeFirst();
  }

  /** Asks for as many frames as the window has room for. When the subscriber wants more. */
  void refill() {
    FetchStream open = stream;
    if (open == null) {
      return;
    }
    int more = plan.windowFrames() - frames.size() - outstanding;
    if (more > 0 && credits < plan.rotateAfter()) {
      outstanding += more;
      credits += more;
      open.request(more);
    } else if (credits >= plan.rotateAfter() && outstanding == 0) {
      open.cancel();
      stream = null;
      open();
    }
  }

  /** Whether everything up to the end of this subscription has been read. */
  boolean isDone() {
    return endKnown && frames.isEmpty() && fetchOffset >= endExclusive;
  }

  void close() {
    closed = true;
    frames.clear();
    if (opening != null) {
      opening.dispose();
    }
    if (stream != null) {
      stream.cancel();
      stream = null;
    }
  }

  @Override
  public void onFrame(FetchStream source, FetchHeader header, ByteBuffer bytes) {
    if (source != stream) {
      return;
    }
    outstanding--;
    if (header.getEvent() != FetchEvent.FETCH_DATA) {
      goodbye = header.getEvent();
    }
    failing = false;
    backoff.reset();
    if (bytes.hasRemaining()) {
      frames.addLast(new Frame(bytes, fetchOffset, header.getNextOffset()));
    }
    fetchOffset = Math.max(fetchOffset, header.getNextOffset());
    if (fetchOffset >= endExclusive) {
      source.cancel();
      stream = null;
    }
    reader.onFrames(this);
  }

  @Override
  public void onEnd(FetchStream source, @Nullable Throwable error) {
    if (source != stream) {
      return;
    }
    stream = null;
    if (error != null) {
      retryOrFail(error);
    } else if (goodbye == FetchEvent.FETCH_ROTATE) {
      open();
    } else if (goodbye == FetchEvent.FETCH_DELETED) {
      fail(deleted());
    } else if (goodbye == FetchEvent.FETCH_MOVED) {
      retryOrFail(error(ErrorCode.NOT_LEADER, "the partition has moved to another broker"));
    } else if (goodbye == FetchEvent.FETCH_SHUTDOWN) {
      retryOrFail(error(ErrorCode.SHUTTING_DOWN, "the broker is shutting down"));
    } else {
      retryOrFail(error(ErrorCode.CONNECTION_LOST, "the broker ended the stream without a reason"));
    }
  }

  private record Positions(long offset, long endExclusive) {}

  private record Opened(ClientConnection broker, Positions positions) {}

  private Mono<ClientConnection> connect(TopicLayout layout) {
    return Mono.defer(
        () -> cluster.links().to(PartitionLookup.leaderOf(layout, partition.partition())));
  }

  /** Where to fetch from, and up to where: the end is settled once, at the first time. */
  private Mono<Positions> positions(ClientConnection broker) {
    Mono<Long> from = fetchOffset == FROM_START ? lookUp(broker, start) : Mono.just(fetchOffset);
    Mono<Long> to =
        untilEnd && !endKnown ? lookUp(broker, StartingPosition.latest()) : Mono.just(endExclusive);
    return Mono.zip(from, to, Positions::new);
  }

  private Mono<Long> lookUp(ClientConnection broker, StartingPosition position) {
    return PartitionLookup.offset(
        cluster.requests(), broker, partition, position, plan.readCommitted());
  }

  private void onOpened(Opened opened) {
    if (closed) {
      return;
    }
    opening = null;
    fetchOffset = opened.positions().offset();
    endExclusive = opened.positions().endExclusive();
    endKnown = untilEnd;
    if (fetchOffset > endExclusive && start instanceof StartingPosition.AtOffset) {
      retryOrFail(
          error(
              ErrorCode.OFFSET_OUT_OF_RANGE,
              "offset " + fetchOffset + " is beyond the high watermark " + endExclusive));
      return;
    }
    if (isDone()) {
      reader.onFrames(this);
      return;
    }
    int window = plan.windowFrames() - frames.size();
    goodbye = null;
    outstanding = window;
    credits = window;
    streamOpened = true;
    streamSinceNanos = cluster.time().nanos();
    FetchStream next = new FetchStream(loop, this, window);
    stream = next;
    opened
        .broker()
        .requestStream(Routes.FETCH, OutboundMessage.of(ByteBuffer.wrap(request())))
        .subscribe(next);
  }

  private byte[] request() {
    return FetchRequest.newBuilder()
        .setTopicId(partition.topicId())
        .setPartition(partition.partition())
        .setOffset(fetchOffset)
        .setLeaderEpoch(-1)
        .setIsolation(plan.isolation())
        .setMaxFrameBytes(plan.frameBytes())
        .build()
        .toByteArray();
  }

  private void retryOrFail(Throwable error) {
    if (closed) {
      return;
    }
    WeirException reason =
        error instanceof WeirException weir
            ? weir
            : error(ErrorCode.INTERNAL, "reading failed: " + error);
    if (reason.code() == ErrorCode.OFFSET_OUT_OF_RANGE && mayJump()) {
      later(backoff.next());
      return;
    }
    if (!reason.code().retriable()) {
      fail(reason);
      return;
    }
    long now = cluster.time().nanos();
    if (!failing || (streamOpened && now - streamSinceNanos >= GOOD_STREAM.toNanos())) {
      failing = true;
      failingSinceNanos = now;
    }
    streamOpened = false;
    Duration patience =
        cluster.links().reached() ? plan.retryTimeout() : cluster.settings().connectTimeout();
    if (now - failingSinceNanos >= patience.toNanos()) {
      fail(reason);
      return;
    }
    Duration pause = backoff.next();
    if (reason.code().refreshMetadata()) {
      opening =
          cluster
              .topics()
              .fresh(partition.topic())
              .subscribe(
                  layout -> ClientThreads.post(loop, () -> later(pause)),
                  failure -> ClientThreads.post(loop, () -> retryOrFail(failure)));
    } else {
      later(pause);
    }
  }

  /** Whether the policy names another offset to go on with, which then is looked up. */
  private boolean mayJump() {
    return switch (plan.outOfRange()) {
      case FAIL -> false;
      case EARLIEST, LATEST -> {
        fetchOffset = FROM_START;
        start =
            plan.outOfRange() == OutOfRangePolicy.EARLIEST
                ? StartingPosition.earliest()
                : StartingPosition.latest();
        yield true;
      }
    };
  }

  private void later(Duration pause) {
    if (!closed) {
      loop.schedule(
          pause,
          () -> {
            if (!closed) {
              open();
            }
          });
    }
  }

  private void fail(WeirException reason) {
    if (!closed) {
      reader.onFailure(this, reason);
    }
  }

  private WeirException deleted() {
    return error(ErrorCode.UNKNOWN_TOPIC, "the topic was deleted");
  }

  private WeirException error(ErrorCode code, String what) {
    return new WeirException(code, partition + ": " + what);
  }
}
