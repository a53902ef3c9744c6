package dev.weir.transport.rsocket;

import static dev.weir.transport.rsocket.LoopbackPair.PATIENCE;
import static dev.weir.transport.rsocket.LoopbackPair.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

class InteractionsTest {
  private final EchoHandler handler = new EchoHandler();
  private LoopbackPair pair;
  private ClientConnection client;

  @BeforeEach
  void connect() {
    pair = new LoopbackPair(handler);
    client = pair.connect();
  }

  @AfterEach
  void close() {
    pair.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100, 4095, 4096, 4097, 70_000, 1 << 20, 8 << 20})
  void echoesDataAndHeaderOfAnySize(int size) {
    ByteBuffer data = Bytes.pattern(size, 7);
    ByteBuffer header = Bytes.of("header");
    try (InboundMessage answer =
        await(client.requestResponse("echo", OutboundMessage.of(header, data)))) {
      assertThat(answer.data()).isEqualTo(data);
      assertThat(answer.header()).isEqualTo(header);
      assertThat(answer.recordJson()).isNull();
      assertThat(answer.route()).isEmpty();
    }
  }

  @Test
  void echoesARecordWithItsCoordinates() {
    try (InboundMessage answer =
        await(
            client.requestResponse(
                "echo", OutboundMessage.ofRecord(Bytes.of("{\"key\":\"k\"}"), Bytes.of("v"))))) {
      assertThat(Bytes.text(answer.recordJson())).isEqualTo("{\"key\":\"k\"}");
      assertThat(Bytes.text(answer.data())).isEqualTo("v");
    }
  }

  @Test
  void leavesTheCallersBuffersAlone() {
    ByteBuffer data = Bytes.of("data");
    await(client.requestResponse("echo", OutboundMessage.of(data))).close();
    assertThat(data.remaining()).isEqualTo(4);
  }

  @Test
  void deliversFireAndForget() {
    for (int i = 0; i < 100; i++) {
      await(client.fireAndForget("echo", OutboundMessage.of(Bytes.of("lost?"))));
    }
    Awaitility.await().untilAsserted(() -> assertThat(handler.fireAndForgets).hasValue(100));
  }

  @Test
  void countsFireAndForgetThatFailed() {
    await(client.fireAndForget("fail", OutboundMessage.of(Bytes.of("x"))));
    Awaitility.await()
        .untilAsserted(
            () -> assertThat(pair.serverSide.counters().failedFireAndForgets()).isEqualTo(1));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 1000, 100_000})
  void streamsEveryAnswerInOrder(int count) {
    AtomicInteger next = new AtomicInteger();
    await(
        client
            .requestStream("echo", OutboundMessage.of(Bytes.of("" + count)))
            .doOnNext(
                answer ->
                    assertThat(Bytes.consume(answer)).isEqualTo("answer " + next.getAndIncrement()))
            .then());
    assertThat(next).hasValue(count);
  }

  @Test
  void givesExactlyWhatWasAskedFor() {
    StepVerifier.create(
            client
                .requestStream("echo", OutboundMessage.of(Bytes.of("1000000")))
                .map(Bytes::consume),
            0)
        .thenRequest(7)
        .expectNextCount(7)
        .expectNoEvent(java.time.Duration.ofMillis(100))
        .thenRequest(3)
        .expectNext("answer 7", "answer 8", "answer 9")
        .thenCancel()
        .verify(PATIENCE);
  }

  @Test
  void carriesAChannelBothWays() {
    List<String> answers =
        await(
            client
                .requestChannel(
                    "echo", Flux.range(0, 5000).map(i -> OutboundMessage.of(Bytes.of("m" + i))))
                .map(Bytes::consume)
                .collectList());
    assertThat(answers).hasSize(5000).startsWith("m0", "m1").endsWith("m4999");
  }

  @Test
  void carriesLargeMessagesOnAChannel() {
    ByteBuffer large = Bytes.pattern(1 << 20, 3);
    List<Integer> sizes =
        await(
            client
                .requestChannel(
                    "echo", Flux.range(0, 40).map(i -> OutboundMessage.of(large.duplicate())))
                .map(
                    answer -> {
                      try (answer) {
                        assertThat(answer.data()).isEqualTo(large);
                        return answer.data().remaining();
                      }
                    })
                .collectList());
    assertThat(sizes).hasSize(40).containsOnly(1 << 20);
  }

  @Test
  void endsAChannelWithoutMessages() {
    assertThat(await(client.requestChannel("echo", Flux.empty()).collectList())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"response", "stream", "channel"})
  void answersAnOperatingErrorWithItsCodeAndSentence(String interaction) {
    assertThatThrownBy(() -> await(request(interaction, "fail").then()))
        .asInstanceOf(InstanceOfAssertFactories.type(WeirException.class))
        .satisfies(
            error -> {
              assertThat(error.code()).isEqualTo(ErrorCode.UNKNOWN_TOPIC);
              assertThat(error).hasMessage("there is no topic 'x'");
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"response", "stream", "channel"})
  void answersABugAsInternalAndKeepsTheConnection(String interaction) {
    assertThatThrownBy(() -> await(request(interaction, "bug").then()))
        .asInstanceOf(InstanceOfAssertFactories.type(WeirException.class))
        .satisfies(error -> assertThat(error.code()).isEqualTo(ErrorCode.INTERNAL));
    assertThat(
            Bytes.consume(
                await(client.requestResponse("echo", OutboundMessage.of(Bytes.of("alive"))))))
        .isEqualTo("alive");
  }

  private Flux<InboundMessage> request(String interaction, String route) {
    OutboundMessage message = OutboundMessage.of(Bytes.of("1"));
    return switch (interaction) {
      case "response" -> client.requestResponse(route, message).flux();
      case "stream" -> client.requestStream(route, message);
      default -> client.requestChannel(route, Flux.just(message));
    };
  }

  @Test
  void refusesAMessageThatFitsNoFrame() {
    ByteBuffer tooLarge = ByteBuffer.allocate(16 << 20);
    assertThatThrownBy(
            () -> await(client.requestResponse("echo", OutboundMessage.of(tooLarge)).then()))
        .asInstanceOf(InstanceOfAssertFactories.type(WeirException.class))
        .satisfies(error -> assertThat(error.code()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE));
  }

  @Test
  void tellsOpenRequestsThatTheConnectionIsLost() {
    StepVerifier.create(
            client
                .requestStream("echo", OutboundMessage.of(Bytes.of("1000000")))
                .map(Bytes::consume),
            1)
        .expectNextCount(1)
        .then(() -> pair.server.close().subscribe())
        .expectErrorSatisfies(
            error ->
                assertThat(((WeirException) error).code()).isEqualTo(ErrorCode.CONNECTION_LOST))
        .verify(PATIENCE);
    await(client.onClose());
    assertThat(client.isOpen()).isFalse();
  }

  @Test
  void saysThatNobodyListens() {
    pair.server.close().block(PATIENCE);
    assertThatThrownBy(() -> pair.connect())
        .asInstanceOf(InstanceOfAssertFactories.type(WeirException.class))
        .satisfies(error -> assertThat(error.code()).isEqualTo(ErrorCode.BROKER_UNAVAILABLE));
  }
}
