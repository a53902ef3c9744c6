package dev.weir.transport.rsocket;

import static dev.weir.transport.rsocket.LoopbackPair.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.rsocket.frame.FrameHeaderCodec;
import io.rsocket.frame.FrameType;
import io.rsocket.frame.LeaseFrameCodec;
import io.rsocket.frame.RequestNFrameCodec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What strangers and broken peers may not do. */
@ExtendWith({NoLeaks.class, NoBlocking.class})
class GuardsTest {
  private static final TransportSettings BOUNDS =
      new TransportSettings(
          1 << 20,
          1 << 20,
          2 << 20,
          Duration.ofSeconds(5),
          Duration.ofMillis(100),
          Duration.ofMillis(800));

  private static final ServerSettings SETTINGS =
      ServerSettings.at("127.0.0.1", 0)
          .withConnection(BOUNDS)
          .withStrangers(new StrangerSettings(64 << 10, Duration.ofMillis(300), 8, 6))
          .withMost(100, 50);

  private LoopbackPair pair;

  @BeforeEach
  void start() {
    pair = new LoopbackPair(new EchoHandler(), SETTINGS);
  }

  @AfterEach
  void close() {
    pair.close();
  }

  private RawPeer peer() throws IOException {
    return new RawPeer(pair.server.address().getPort());
  }

  @Test
  void closesAConnectionWhoseFirstFrameIsTooLarge() throws Exception {
    try (RawPeer stranger = peer()) {
      stranger.sendBytes((byte) 1, (byte) 0, (byte) 1);
      assertThat(stranger.readToEnd())
          .isEqualTo("ERROR: a frame of 65537 bytes came, the limit is 65536");
    }
  }

  @Test
  void closesAConnectionThatSendsNoSetupInTime() throws Exception {
    try (RawPeer stranger = peer()) {
      stranger.sendBytes((byte) 0, (byte) 0);
      assertThat(stranger.readToEnd()).isEqualTo("nothing");
      Awaitility.await().until(() -> pair.serverSide.counters().refusedStrangers() == 1);
    }
  }

  @Test
  void closesStrangersAboveTheLimitAndServesFriendsAfterwards() throws Exception {
    List<RawPeer> strangers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      strangers.add(peer());
    }
    Awaitility.await().until(() -> pair.serverSide.counters().refusedStrangers() >= 14);
    for (RawPeer stranger : strangers) {
      stranger.readToEnd();
      stranger.close();
    }
    Awaitility.await()
        .ignoreExceptions()
        .until(
            () ->
                Bytes.consume(
                        await(
                            pair.connect()
                                .requestResponse("echo", OutboundMessage.of(Bytes.of("hello")))))
                    .equals("hello"));
  }

  @Test
  void refusesARequestBeforeSetup() throws Exception {
    try (RawPeer stranger = peer()) {
      stranger.requestStream("echo", 1);
      assertThat(stranger.readToEnd()).startsWith("ERROR: SETUP or RESUME frame must be received");
    }
  }

  @Test
  void refusesAKeepAliveThatCarriesData() throws Exception {
    try (RawPeer peer = peer()) {
      peer.setup().keepAlive(64 << 10);
      assertThat(peer.readToEnd())
          .isEqualTo("ERROR: a KEEPALIVE carries 65536 bytes, the limit is 64");
      assertThat(pair.serverSide.counters().refusedFloods()).isEqualTo(1);
    }
  }

  @Test
  void answersAKeepAliveWithItsData() throws Exception {
    try (RawPeer peer = peer()) {
      peer.setup().keepAlive(8);
      ByteBuf answer = peer.readFrame();
      assertThat(answer.readableBytes()).isEqualTo(6 + 8 + 8);
    }
  }

  @Test
  void refusesAFloodOfKeepAlives() throws Exception {
    try (RawPeer peer = peer()) {
      peer.setup();
      try {
        for (int i = 0; i < 200_000; i++) {
          peer.keepAlive(0);
        }
      } catch (IOException expected) {
        // It was closed while we flooded.
      }
      Awaitility.await().until(() -> pair.server.connections() == 0);
      assertThat(pair.serverSide.counters().refusedFloods()).isEqualTo(1);
    }
  }

  @Test
  void refusesFragments() throws Exception {
    try (RawPeer peer = peer()) {
      // REQUEST_RESPONSE on stream 1 with FOLLOWS.
      peer.setup().send(Unpooled.wrappedBuffer(new byte[] {0, 0, 0, 1, 0x10, (byte) 0x80, 'x'}));
      assertThat(peer.readToEnd()).startsWith("ERROR: fragmented frames are not accepted");
    }
  }

  @Test
  void closesOnFramesThatAreNone() throws Exception {
    try (RawPeer peer = peer()) {
      peer.setup().send(Unpooled.wrappedBuffer(new byte[] {0, 0, 0}));
      assertThat(peer.readToEnd()).startsWith("ERROR: a frame of 3 bytes is malformed");
    }
  }

  @Test
  void closesOnAFrameAboveTheLimit() throws Exception {
    try (RawPeer peer = peer()) {
      peer.setup();
      Awaitility.await().until(() -> pair.server.connections() == 1);
      peer.sendBytes((byte) 0x10, (byte) 0, (byte) 1);
      assertThat(peer.readToEnd())
          .isEqualTo("ERROR: a frame of 1048577 bytes came, the limit is 1048576");
      Awaitility.await().until(() -> pair.server.connections() == 0);
    }
  }

  @Test
  void closesAPeerThatIsSilent() throws Exception {
    try (RawPeer peer = peer()) {
      peer.setup();
      assertThat(peer.readToEnd()).startsWith("ERROR: nothing came for");
    }
  }

  @Test
  void keepsAnIdleClientAlive() {
    ClientConnection client =
        pair.connect(new ClientSettings(Duration.ofSeconds(5), "application/octet-stream", BOUNDS));
    Awaitility.await()
        .during(Duration.ofSeconds(2))
        .atMost(Duration.ofSeconds(5))
        .until(client::isOpen);
  }

  @Test
  void aClientNoticesThatTheBrokerIsDead() throws Exception {
    try (ServerSocket mute = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      ClientConnection client =
          await(
              ClientConnection.connect(
                  pair.clientSide,
                  "127.0.0.1",
                  mute.getLocalPort(),
                  new ClientSettings(Duration.ofSeconds(5), "application/octet-stream", BOUNDS)));
      assertThatThrownBy(
              () -> await(client.requestResponse("echo", OutboundMessage.of(Bytes.of("?")))))
          .asInstanceOf(InstanceOfAssertFactories.type(WeirException.class))
          .satisfies(error -> assertThat(error.code()).isEqualTo(ErrorCode.CONNECTION_LOST));
    }
  }

  @Test
  void namesWhatIsWrongWithMetadata() throws Exception {
    try (LoopbackPair plain = new LoopbackPair(new EchoHandler());
        RawPeer peer = new RawPeer(plain.server.address().getPort())) {
      peer.setup();
      // REQUEST_RESPONSE on stream 1 with metadata: a tag of 9 bytes in 2.
      peer.send(
          Unpooled.wrappedBuffer(new byte[] {0, 0, 0, 1, 0x11, 0, 0, 0, 2, 9, 'r', 'd', 'a'}));
      ByteBuf answer = peer.readFrame();
      assertThat(io.rsocket.frame.ErrorFrameCodec.errorCode(answer))
          .isEqualTo(ErrorCode.WIRE_BASE + ErrorCode.INVALID_REQUEST.number());
      assertThat(io.rsocket.frame.ErrorFrameCodec.dataUtf8(answer))
          .isEqualTo("the routing metadata is malformed: a tag of 9 bytes in 2");
    }
  }

  @Test
  void refusesStreamsAboveTheLimitAndKeepsTheConnection() throws Exception {
    try (RawPeer peer = peer()) {
      peer.setup();
      for (int streamId = 1; streamId <= 101; streamId += 2) {
        peer.requestStream(streamId, "echo", "1000", 1);
      }
      for (int answers = 0; answers < 50; answers++) {
        assertThat(FrameHeaderCodec.frameType(peer.readFrame())).isEqualTo(FrameType.NEXT);
      }
      ByteBuf refusal = peer.readFrame();
      assertThat(FrameHeaderCodec.streamId(refusal)).isEqualTo(101);
      assertThat(io.rsocket.frame.ErrorFrameCodec.errorCode(refusal))
          .isEqualTo(ErrorCode.WIRE_BASE + ErrorCode.OVERLOADED.number());
      assertThat(io.rsocket.frame.ErrorFrameCodec.dataUtf8(refusal))
          .isEqualTo("this connection has 50 streams open or just cancelled, the most it may");
      assertThat(pair.serverSide.counters().rejectedStreams()).isEqualTo(1);
      assertThat(pair.serverSide.streams().open()).isEqualTo(50);
    }
    Awaitility.await().until(() -> pair.serverSide.streams().open() == 0);
  }

  @Test
  void closesOnFramesOfUnknownStreams() throws Exception {
    try (RawPeer peer = peer()) {
      peer.setup();
      for (int i = 0; i <= PeerStreams.MOST_STRAYS; i++) {
        peer.send(RequestNFrameCodec.encode(UnpooledByteBufAllocator.DEFAULT, 1001 + 2 * i, 1));
      }
      assertThat(peer.readToEnd())
          .startsWith("ERROR: 101 times: frames came for streams that were never opened");
      assertThat(pair.serverSide.counters().refusedFloods()).isEqualTo(1);
    }
  }

  @Test
  void closesOnAChannelThatIsOpenedTwiceAndKeepsNothingOfIt() throws Exception {
    try (RawPeer peer = peer()) {
      peer.setup();
      // A leak of the second one's bytes would be found when this class ends.
      peer.requestChannel(1, "echo", new byte[1000]).requestChannel(1, "echo", new byte[1000]);
      assertThat(peer.readToEnd()).isEqualTo("ERROR: stream 1 was opened twice");
    }
  }

  @Test
  void closesAtOnceOnASetupThatCannotBeRead() throws Exception {
    try (RawPeer peer = peer()) {
      // Version, interval and lifetime; then a MIME type of 5 bytes that has 2.
      byte[] setup = new byte[6 + 12 + 3];
      setup[4] = 1 << 2;
      setup[18] = 5;
      peer.send(Unpooled.wrappedBuffer(setup));
      assertThat(peer.readToEnd()).startsWith("ERROR: a frame of 21 bytes is malformed");
    }
  }

  @Test
  void closesOnASecondSetup() throws Exception {
    try (RawPeer peer = peer()) {
      peer.setup().setup();
      assertThat(peer.readToEnd()).isEqualTo("ERROR: a SETUP came twice");
    }
  }

  @Test
  void closesOnALeaseThatNobodyExpects() throws Exception {
    try (RawPeer peer = peer()) {
      peer.setup().send(LeaseFrameCodec.encode(UnpooledByteBufAllocator.DEFAULT, 1, 1, null));
      assertThat(peer.readToEnd())
          .isEqualTo("ERROR: a LEASE frame came that nobody expects on stream 0");
    }
  }

  @Test
  void closesConnectionsAboveTheLimit() throws Exception {
    ServerSettings two = SETTINGS.withMost(2, 50);
    try (LoopbackPair small = new LoopbackPair(new EchoHandler(), two);
        RawPeer first = new RawPeer(small.server.address().getPort());
        RawPeer second = new RawPeer(small.server.address().getPort())) {
      first.setup();
      second.setup();
      Awaitility.await().until(() -> small.server.connections() == 2);
      try (RawPeer third = new RawPeer(small.server.address().getPort())) {
        assertThat(third.readToEnd()).isEqualTo("nothing");
        assertThat(small.serverSide.counters().refusedStrangers()).isEqualTo(1);
      }
      assertThat(small.server.connections()).isEqualTo(2);
    }
  }
}
