package dev.weir.client;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.loop.PartitionLoop;
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

    /** A position was looked up: reading goes on at this offset. */
    default void onPosition(PartitionFetcher fetcher, long offset) {}
  }

  private final Cluster cluster;
  private final PartitionLoop loop;
  private final PartitionTarget partition;
  private final boolean untilEnd;
  private final Reader reader;
  private final Backoff backoff = new Backoff(new SplittableRandom());
  private final ArrayDeque<Frame> frames = new ArrayDeque<>(); // at most a window
  private FetchPlan plan;
  private StartingPosition start; // what to look up while the offset is not known
  private long fetchOffset = FROM_START; // where the next frame starts
  private long endExclusive = Long.MAX_VALUE;
  private boolean endKnown;
  private @Nullable Disposable opening;
  private int attempts; // to open; an answer to an earlier one is too late
  private @Nullable FetchStream stream;
  private int streamFrameBytes;
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
      PartitionLoop loop,
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

  /** The first offset that has not been read, or −1 while it is looked up. */
  long position() {
    Frame frame = frames.peekFirst();
    return frame != null ? frame.fromOffset() : Math.max(-1, fetchOffset);
  }

  /** Begins to fetch. */
  void open() {
    Mono<ClientConnection> leader =
        cluster
            .topics()
            .layout(partition.topic())
            .flatMap(layout -> covers(layout) ? Mono.just(layout) : fresh())
            .flatMap(
                layout ->
                    layout.idBytes().equals(partition.topicId())
                        ? connect(layout)
                        : Mono.error(deleted()));
    int attempt = ++attempts;
    opening =
        leader
            .flatMap(broker -> positions(broker).map(positions -> new Opened(broker, positions)))
            .subscribe(
                opened -> ClientThreads.post(loop, () -> onOpened(attempt, opened)),
                error -> ClientThreads.post(loop, () -> onNotOpened(attempt, error)));
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
    int more = plan.windowOf(streamFrameBytes) - frames.size() - outstanding;
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

  /** The share of the buffer has changed; frames change with the next stream. */
  void replan(FetchPlan changed) {
    plan = changed;
  }

  /** Drops what is fetched and goes on elsewhere, once {@link #open} was called. */
  void seek(StartingPosition position) {
    frames.clear();
    start = position;
    fetchOffset = FROM_START;
    endStream();
    open();
  }

  /** Whether everything up to the end of this subscription has been read. */
  boolean isDone() {
    return endKnown && frames.isEmpty() && fetchOffset >= endExclusive;
  }

  void close() {
    closed = true;
    frames.clear();
    endStream();
  }

  private void endStream() {
    attempts++;
    if (opening != null) {
      opening.dispose();
      opening = null;
    }
    if (stream != null) {
      stream.cancel();
      stream = null;
    }
  }

  private Mono<TopicLayout> fresh() {
    return cluster.topics().fresh(partition.topic());
  }

  /** Whether the layout is not older than the partition. */
  private boolean covers(TopicLayout layout) {
    return layout.idBytes().equals(partition.topicId())
        && partition.partition() < layout.partitionCount();
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

  private void onNotOpened(int attempt, Throwable error) {
    if (attempt == attempts) {
      retryOrFail(error);
    }
  }

  private void onOpened(int attempt, Opened opened) {
    if (closed || attempt != attempts) {
      return;
    }
    opening = null;
    boolean lookedUp = fetchOffset == FROM_START;
    fetchOffset = opened.positions().offset();
    if (lookedUp) {
      reader.onPosition(this, fetchOffset);
    }
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
    streamFrameBytes = plan.frameBytes();
    int window = Math.max(1, plan.windowFrames() - frames.size());
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
    int attempt = attempts;
    if (reason.code().refreshMetadata()) {
      opening =
          cluster
              .topics()
              .fresh(partition.topic())
              .subscribe(
                  layout -> ClientThreads.post(loop, () -> laterUnlessMoved(attempt, pause)),
                  failure -> ClientThreads.post(loop, () -> onNotOpened(attempt, failure)));
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

  private void laterUnlessMoved(int attempt, Duration pause) {
    if (attempt == attempts) {
      later(pause);
    }
  }

  private void later(Duration pause) {
    if (!closed) {
      int attempt = attempts;
      loop.schedule(
          pause,
          () -> {
            if (!closed && attempt == attempts) {
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
