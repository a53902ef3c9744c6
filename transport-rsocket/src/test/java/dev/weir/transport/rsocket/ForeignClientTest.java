package dev.weir.transport.rsocket;

import static dev.weir.transport.rsocket.LoopbackPair.PATIENCE;
import static dev.weir.transport.rsocket.LoopbackPair.await;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.transport.rsocket.CountedRanges.Kind;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.rsocket.Payload;
import io.rsocket.RSocket;
import io.rsocket.core.RSocketConnector;
import io.rsocket.exceptions.CustomRSocketException;
import io.rsocket.exceptions.RejectedSetupException;
import io.rsocket.metadata.CompositeMetadataCodec;
import io.rsocket.metadata.TaggingMetadataCodec;
import io.rsocket.metadata.WellKnownMimeType;
import io.rsocket.transport.ClientTransport;
import io.rsocket.transport.netty.client.TcpClientTransport;
import io.rsocket.transport.netty.client.WebsocketClientTransport;
import io.rsocket.util.ByteBufPayload;
import io.rsocket.util.DefaultPayload;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.WebsocketServerSpec;
import reactor.test.StepVerifier;

/** Clients of the library's own transports, with nothing of ours. */
@ExtendWith({NoLeaks.class, NoBlocking.class})
class ForeignClientTest {
  private static final int RANGE_BYTES = 300_000;

  @TempDir private Path dir;
  private final AtomicReference<PeerConnection> peer = new AtomicReference<>();
  private CountedRanges ranges;
  private LoopbackPair pair;
  private DisposableServer http;

  enum Via {
    TCP,
    WEBSOCKET
  }

  private final class Handler implements RequestHandler {
    private final EchoHandler echo = new EchoHandler();

    @Override
    public reactor.core.publisher.Mono<OutboundMessage> requestResponse(InboundMessage message) {
      return echo.requestResponse(message);
    }

    @Override
    public Flux<OutboundMessage> requestStream(InboundMessage message) {
      if (!message.route().equals("ranges")) {
        return echo.requestStream(message);
      }
      message.close();
      return Flux.range(0, 10)
          .map(i -> OutboundMessage.ofRange(null, ranges.range(kind, 0, RANGE_BYTES)));
    }
  }

  private Kind kind = Kind.COLD;

  @BeforeEach
  void start() throws Exception {
    ranges = new CountedRanges(dir, RANGE_BYTES);
    ConnectionAcceptor acceptor =
        connection -> {
          if (connection.dataMimeType().equals("text/refused")) {
            throw new WeirException(ErrorCode.UNAUTHENTICATED, "nobody knows you");
          }
          peer.set(connection);
          return new Handler();
        };
    pair = new LoopbackPair(acceptor, ServerSettings.at("127.0.0.1", 0));
    http =
        pair.serverSide
            .share(HttpServer.create())
            .host("127.0.0.1")
            .port(0)
            .route(
                routes ->
                    routes.ws(
                        "/rsocket",
                        pair.server.webSocketHandler(),
                        WebsocketServerSpec.builder().maxFramePayloadLength(16 << 20).build()))
            .bindNow(PATIENCE);
  }

  @AfterEach
  void close() throws Exception {
    http.disposeNow(PATIENCE);
    pair.close();
    assertThat(ranges.open()).isZero();
    assertThat(ranges.releasedTwice).hasValue(0);
    ranges.close();
  }

  private RSocket connect(Via via, String metadataType, String dataType) {
    ClientTransport transport =
        switch (via) {
          case TCP -> TcpClientTransport.create("127.0.0.1", pair.server.address().getPort());
          case WEBSOCKET ->
              WebsocketClientTransport.create(
                  java.net.URI.create("ws://127.0.0.1:" + http.port() + "/rsocket"));
        };
    return await(
        RSocketConnector.create()
            .metadataMimeType(metadataType)
            .dataMimeType(dataType)
            .connect(transport));
  }

  private RSocket connect(Via via) {
    return connect(via, MetadataCodec.COMPOSITE, "application/json");
  }

  private static Payload to(String route, String data) {
    UnpooledByteBufAllocator allocator = UnpooledByteBufAllocator.DEFAULT;
    CompositeByteBuf metadata = allocator.compositeBuffer();
    CompositeMetadataCodec.encodeAndAddMetadata(
        metadata,
        allocator,
        WellKnownMimeType.MESSAGE_RSOCKET_ROUTING,
        TaggingMetadataCodec.createTaggingContent(allocator, List.of(route)));
    return ByteBufPayload.create(Unpooled.wrappedBuffer(Bytes.of(data)), metadata);
  }

  @ParameterizedTest
  @EnumSource
  void getsItsAnswers(Via via) {
    RSocket client = connect(via);
    assertThat(await(client.requestResponse(to("echo", "hello"))).getDataUtf8()).isEqualTo("hello");
    assertThat(peer.get().isJson()).isTrue();
    assertThat(await(client.requestStream(to("echo", "1000")).count())).isEqualTo(1000);
    client.dispose();
  }

  @ParameterizedTest
  @EnumSource
  void getsExactlySevenWhenItAsksForSeven(Via via) {
    RSocket client = connect(via);
    StepVerifier.create(client.requestStream(to("echo", "1000000")), 7)
        .expectNextCount(7)
        .expectNoEvent(java.time.Duration.ofMillis(200))
        .thenCancel()
        .verify(PATIENCE);
    client.dispose();
  }

  @ParameterizedTest
  @EnumSource
  void getsErrorsWithCodeAndSentence(Via via) {
    RSocket client = connect(via);
    assertThatThrownBy(() -> await(client.requestResponse(to("fail", ""))))
        .asInstanceOf(InstanceOfAssertFactories.type(CustomRSocketException.class))
        .satisfies(
            error -> {
              assertThat(error.errorCode()).isEqualTo(0x1000 + ErrorCode.UNKNOWN_TOPIC.number());
              assertThat(error).hasMessage("there is no topic 'x'");
            });
    client.dispose();
  }

  @ParameterizedTest
  @EnumSource
  void getsFileRanges(Via via) {
    RSocket client = connect(via);
    long bytes =
        await(
            client
                .requestStream(to("ranges", ""))
                .map(payload -> (long) payload.data().readableBytes())
                .reduce(0L, Long::sum));
    assertThat(bytes).isEqualTo(10L * RANGE_BYTES);
    TransportCounters counters = pair.serverSide.counters();
    if (via == Via.WEBSOCKET) {
      assertThat(counters.copiedBytes()).isEqualTo(bytes);
      assertThat(counters.zeroCopyBytes()).isZero();
    } else {
      assertThat(counters.copiedBytes()).isZero();
      Awaitility.await().until(() -> counters.zeroCopyBytes() == bytes);
    }
    client.dispose();
  }

  @Test
  void isServedWithRoutingAsItsOnlyMetadata() {
    RSocket client = connect(Via.TCP, MetadataCodec.ROUTING, "text/plain");
    Payload request =
        DefaultPayload.create(Bytes.of("hello").array(), new byte[] {4, 'e', 'c', 'h', 'o'});
    assertThat(await(client.requestResponse(request)).getDataUtf8()).isEqualTo("hello");
    assertThat(peer.get().isJson()).isFalse();
    client.dispose();
  }

  @Test
  void jsonIsJsonWithParametersToo() {
    for (String type :
        List.of("application/json;charset=utf-8", "Application/JSON", "application/json ; v=1")) {
      RSocket client = connect(Via.TCP, MetadataCodec.COMPOSITE, type);
      await(client.requestResponse(to("echo", "x")));
      assertThat(peer.get().isJson()).as(type).isTrue();
      client.dispose();
    }
    RSocket client = connect(Via.TCP, MetadataCodec.COMPOSITE, "application/json-seq");
    await(client.requestResponse(to("echo", "x")));
    assertThat(peer.get().isJson()).isFalse();
    client.dispose();
  }

  @Test
  void isToldWhyItIsRefused() {
    RSocket client = connect(Via.TCP, MetadataCodec.COMPOSITE, "text/refused");
    assertThatThrownBy(() -> await(client.onClose()))
        .isInstanceOf(RejectedSetupException.class)
        .hasMessage("nobody knows you");
  }

  @Test
  void isToldThatTheServerDrains() {
    RSocket client = connect(Via.TCP);
    assertThat(await(client.requestResponse(to("echo", "x"))).getDataUtf8()).isEqualTo("x");
    pair.server.drain(java.time.Duration.ofSeconds(5)).block(PATIENCE);
    assertThatThrownBy(() -> await(client.onClose())).hasMessage("the broker is shutting down");
  }

  private static final String UPGRADE =
      """
      GET /rsocket HTTP/1.1\r
      Host: localhost\r
      Upgrade: websocket\r
      Connection: Upgrade\r
      Sec-WebSocket-Version: 13\r
      Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
      \r
      """;

  private RawPeer rawWebSocket() throws IOException {
    RawPeer stranger = new RawPeer(http.port());
    stranger.sendBytes(UPGRADE.getBytes(US_ASCII));
    assertThat(stranger.socket.getInputStream().read()).isEqualTo('H');
    return stranger;
  }

  @Test
  void isClosedWhenItSendsMuchOverAWebSocketWithoutASetup() throws Exception {
    // Binary, masked with zeros; less than a frame may have later.
    byte[] head = Unpooled.buffer().writeShort(0x82FF).writeLong(8 << 20).writeInt(0).array();
    try (RawPeer stranger = rawWebSocket()) {
      stranger.sendBytes(Arrays.copyOf(head, 14));
      try {
        stranger.sendBytes(new byte[1 << 20]);
      } catch (IOException e) {
        // Closed before all was sent.
      }
      Awaitility.await().until(() -> pair.serverSide.counters().refusedFloods() == 1);
    }
  }

  @Test
  void isClosedWhenItFloodsAWebSocketWithPings() throws Exception {
    byte[] ping = {(byte) 0x89, (byte) 0x80, 0, 0, 0, 0};
    try (RawPeer flooder = rawWebSocket()) {
      for (int i = 0; i <= WebSocketFlood.CONTROL_FRAMES_PER_SECOND; i++) {
        flooder.sendBytes(ping);
      }
      Awaitility.await().until(() -> pair.serverSide.counters().refusedFloods() == 1);
    }
  }

  @Test
  void isClosedWhenItSendsAWebSocketMessageInSeveralFrames() throws Exception {
    byte[] first = {0x02, (byte) 0x81, 0, 0, 0, 0, 0};
    try (RawPeer sender = rawWebSocket()) {
      sender.sendBytes(first);
      Awaitility.await().until(() -> pair.serverSide.counters().refusedFloods() == 1);
    }
  }
}
