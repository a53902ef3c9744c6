package dev.weir.transport.rsocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.transport.rsocket.CountedRanges.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

@ExtendWith({NoLeaks.class, NoBlocking.class})
class SlowReaderTest {
  private static final int HIGH_MARK = 1 << 20;
  private static final int MESSAGE_BYTES = 100_000;
  private static final long MOST_SMALL_MESSAGES = 2_000_000;

  private static final TransportSettings IMPATIENT =
      new TransportSettings(
          (1 << 24) - 1,
          HIGH_MARK,
          8 << 20,
          Duration.ofMillis(400),
          Duration.ofSeconds(5),
          Duration.ofSeconds(20));

  @TempDir private Path dir;

  @ParameterizedTest
  @EnumSource(names = {"HOT", "COLD", "FILELESS"})
  void boundsWhatAPeerThatNeverReadsCanQueueAndClosesIt(Kind kind) throws Exception {
    try (CountedRanges ranges = new CountedRanges(dir, MESSAGE_BYTES)) {
      AtomicReference<PeerConnection> peer = new AtomicReference<>();
      AtomicLong most = new AtomicLong();
      RequestHandler endless =
          new RequestHandler() {
            @Override
            public Flux<OutboundMessage> requestStream(InboundMessage message) {
              message.close();
              return Flux.generate(
                  sink -> {
                    most.accumulateAndGet(peer.get().queuedBytes(), Math::max);
                    sink.next(OutboundMessage.ofRange(null, ranges.range(kind, 0, MESSAGE_BYTES)));
                  });
            }
          };
      ConnectionAcceptor acceptor =
          connection -> {
            peer.set(connection);
            return endless;
          };
      try (LoopbackPair pair =
              new LoopbackPair(
                  acceptor, ServerSettings.at("127.0.0.1", 0).withConnection(IMPATIENT));
          RawPeer glutton = new RawPeer(pair.server.address().getPort())) {
        glutton.setup().requestStream("all", Integer.MAX_VALUE);
        Awaitility.await()
            .atMost(Duration.ofSeconds(20))
            .untilAsserted(
                () -> {
                  most.accumulateAndGet(pair.serverSide.queuedBytes(), Math::max);
                  assertThat(pair.serverSide.counters().stalledConnections()).isPositive();
                });
        Awaitility.await().until(() -> pair.server.connections() == 0);
        assertThat(pair.serverSide.counters().stalledConnections()).isEqualTo(1);
        assertThat(most.get()).isBetween(1L, HIGH_MARK + 2L * MESSAGE_BYTES);
        assertThat(pair.serverSide.queuedBytes()).isZero();
      }
      Awaitility.await().untilAsserted(() -> assertThat(ranges.open()).isZero());
      assertThat(ranges.releasedTwice).hasValue(0);
    }
  }

  @Test
  void boundsManySmallMessagesByWhatTheyReallyTake() throws Exception {
    AtomicReference<PeerConnection> peer = new AtomicReference<>();
    AtomicLong given = new AtomicLong();
    AtomicLong most = new AtomicLong();
    RequestHandler endless =
        new RequestHandler() {
          @Override
          public Flux<OutboundMessage> requestStream(InboundMessage message) {
            message.close();
            ByteBuffer tiny = Bytes.of("tiny");
            return Flux.generate(
                sink -> {
                  most.accumulateAndGet(peer.get().queuedBytes(), Math::max);
                  given.incrementAndGet();
                  sink.next(OutboundMessage.of(tiny));
                });
          }
        };
    // Filling the sockets frame by frame takes a busy machine longer than any silence allowed.
    TransportSettings deaf =
        new TransportSettings(
            (1 << 24) - 1,
            HIGH_MARK,
            8 << 20,
            Duration.ofMillis(400),
            Duration.ofMinutes(10),
            Duration.ofMinutes(20));
    try (LoopbackPair pair =
            new LoopbackPair(
                connection -> {
                  peer.set(connection);
                  return endless;
                },
                ServerSettings.at("127.0.0.1", 0).withConnection(deaf));
        RawPeer glutton = new RawPeer(pair.server.address().getPort())) {
      glutton.setup().requestStream("all", Integer.MAX_VALUE);
      Awaitility.await()
          .atMost(Duration.ofMinutes(2))
          .failFast("the queue has no bound", () -> given.get() >= MOST_SMALL_MESSAGES)
          .until(() -> pair.serverSide.counters().stalledConnections() > 0);
      Awaitility.await().until(() -> pair.server.connections() == 0);
      assertThat(pair.serverSide.counters().stalledConnections()).isEqualTo(1);
      Awaitility.await().until(() -> pair.serverSide.queuedBytes() == 0);
      // What the sockets' own buffers took, and a queue of at most the mark and one request.
      assertThat(given.get()).isLessThan(MOST_SMALL_MESSAGES);
      assertThat(most.get()).isBetween(HIGH_MARK / 2L, HIGH_MARK + (1L << 20));
    }
  }

  @Test
  void closesAPeerThatAsksAndAsksAndNeverReads() throws Exception {
    AtomicLong most = new AtomicLong();
    AtomicReference<PeerConnection> peer = new AtomicReference<>();
    EchoHandler echo = new EchoHandler();
    RequestHandler watched =
        new RequestHandler() {
          @Override
          public Mono<OutboundMessage> requestResponse(InboundMessage message) {
            most.accumulateAndGet(peer.get().queuedBytes(), Math::max);
            return echo.requestResponse(message);
          }
        };
    TransportSettings patient =
        new TransportSettings(
            (1 << 24) - 1,
            HIGH_MARK,
            4 << 20,
            Duration.ofSeconds(60),
            Duration.ofSeconds(5),
            Duration.ofSeconds(20));
    ConnectionAcceptor acceptor =
        connection -> {
          peer.set(connection);
          return watched;
        };
    try (LoopbackPair pair =
            new LoopbackPair(acceptor, ServerSettings.at("127.0.0.1", 0).withConnection(patient));
        RawPeer glutton = new RawPeer(pair.server.address().getPort())) {
      glutton.setup();
      byte[] data = new byte[MESSAGE_BYTES];
      assertThatThrownBy(
              () -> {
                for (int streamId = 1; streamId < 1_000_000; streamId += 2) {
                  glutton.requestResponse(streamId, "echo", data);
                }
              })
          .isInstanceOf(IOException.class);
      Awaitility.await().until(() -> pair.server.connections() == 0);
      assertThat(most.get()).isBetween((long) HIGH_MARK, (4L << 20) + 2 * MESSAGE_BYTES);
      Awaitility.await().until(() -> pair.serverSide.queuedBytes() == 0);
    }
  }

  @Test
  void resumesWhenTheReaderReadsAgain() throws Exception {
    int count = 100;
    RequestHandler finite =
        new RequestHandler() {
          @Override
          public Flux<OutboundMessage> requestStream(InboundMessage message) {
            message.close();
            ByteBuffer data = ByteBuffer.allocate(MESSAGE_BYTES);
            return Flux.range(0, count).map(i -> OutboundMessage.of(data));
          }
        };
    TransportSettings patient =
        new TransportSettings(
            (1 << 24) - 1,
            HIGH_MARK,
            8 << 20,
            Duration.ofSeconds(60),
            Duration.ofSeconds(5),
            Duration.ofSeconds(20));
    try (LoopbackPair pair =
            new LoopbackPair(finite, ServerSettings.at("127.0.0.1", 0).withConnection(patient));
        RawPeer sleeper = new RawPeer(pair.server.address().getPort())) {
      sleeper.setup().requestStream("all", Integer.MAX_VALUE);
      Awaitility.await()
          .untilAsserted(
              () -> assertThat(pair.serverSide.queuedBytes()).isGreaterThan(HIGH_MARK / 2));
      for (int i = 0; i < count; i++) {
        assertThat(sleeper.readFrame().readableBytes()).isGreaterThanOrEqualTo(MESSAGE_BYTES);
      }
      assertThat(sleeper.readFrame().readableBytes()).isEqualTo(6);
    }
  }

  @Test
  void anAnswerOvertakesQueuedMegabytes() throws Exception {
    int frame = 1 << 20;
    TransportSettings deepQueue =
        new TransportSettings(
            (1 << 24) - 1,
            64 << 20,
            128 << 20,
            Duration.ofSeconds(60),
            Duration.ofSeconds(5),
            Duration.ofSeconds(20));
    AtomicLong received = new AtomicLong();
    try (CountedRanges ranges = new CountedRanges(dir, frame)) {
      RequestHandler handler =
          new RequestHandler() {
            @Override
            public Mono<OutboundMessage> requestResponse(InboundMessage message) {
              message.close();
              return Mono.just(OutboundMessage.of(Bytes.of("ack")));
            }

            @Override
            public Flux<OutboundMessage> requestStream(InboundMessage message) {
              message.close();
              return Flux.range(0, 400)
                  .map(i -> OutboundMessage.ofRange(null, ranges.range(Kind.HOT, 0, frame)));
            }
          };
      try (LoopbackPair pair =
          new LoopbackPair(
              peer -> handler, ServerSettings.at("127.0.0.1", 0).withConnection(deepQueue))) {
        ClientConnection client = pair.connect();
        AtomicLong overtaken = new AtomicLong(-1);
        client
            .requestStream("data", OutboundMessage.of(Bytes.of("")))
            .doOnNext(
                message -> {
                  received.addAndGet(message.data().remaining());
                  message.close();
                  if (received.get() == 4L * frame) {
                    long before = received.get();
                    client
                        .requestResponse("ack", OutboundMessage.of(Bytes.of("")))
                        .subscribe(
                            answer -> {
                              answer.close();
                              overtaken.set(received.get() - before);
                            });
                  }
                })
            .blockLast(LoopbackPair.PATIENCE);
        // Without lanes it would come after the whole queue of 64 MiB.
        assertThat(overtaken.get()).isBetween(0L, 24L * frame);
      }
    }
  }
}
