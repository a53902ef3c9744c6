package dev.weir.transport.rsocket;

import static dev.weir.transport.rsocket.LoopbackPair.PATIENCE;
import static dev.weir.transport.rsocket.LoopbackPair.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.transport.rsocket.CountedRanges.Kind;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

@ExtendWith({NoLeaks.class, NoBlocking.class})
class FileRangeTransferTest {
  private static final int FILE_BYTES = 6 << 20;

  @TempDir private Path dir;
  private CountedRanges ranges;
  private LoopbackPair pair;
  private ClientConnection client;

  /** The route is the kind of range, the data its length; the stream walks through the file. */
  private final RequestHandler handler =
      new RequestHandler() {
        @Override
        public Mono<OutboundMessage> requestResponse(InboundMessage message) {
          Kind kind = Kind.valueOf(message.route());
          int length = Integer.parseInt(Bytes.consume(message));
          return Mono.fromSupplier(() -> part(kind, 1, length));
        }

        @Override
        public Flux<OutboundMessage> requestStream(InboundMessage message) {
          Kind kind = Kind.valueOf(message.route());
          int length = Integer.parseInt(Bytes.consume(message));
          return Flux.range(0, FILE_BYTES / length).map(i -> part(kind, i * length, length));
        }
      };

  private OutboundMessage part(Kind kind, int position, int length) {
    return OutboundMessage.ofRange(
        Bytes.of("at " + position), ranges.range(kind, position, length));
  }

  @BeforeEach
  void connect() throws Exception {
    ranges = new CountedRanges(dir, FILE_BYTES);
    pair = new LoopbackPair(handler);
    client = pair.connect();
  }

  @AfterEach
  void close() throws Exception {
    pair.close();
    assertThat(ranges.open()).isZero();
    assertThat(ranges.releasedTwice).hasValue(0);
    ranges.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 65_536, 1 << 20, 3 << 20})
  void sendsHotRangesWithoutTouchingTheirBytes(int length) {
    readAll(Kind.HOT, length);
    assertThat(ranges.reads).hasValue(0);
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(counters().zeroCopyBytes())
                    .isEqualTo((long) FILE_BYTES / length * length));
    assertThat(counters().copiedBytes()).isZero();
    assertThat(counters().coldRanges()).isZero();
  }

  @Test
  void warmsColdRangesAndThenSendsThemAsFiles() {
    readAll(Kind.COLD, 1 << 20);
    assertThat(counters().coldRanges()).isEqualTo(6);
    Awaitility.await()
        .untilAsserted(() -> assertThat(counters().zeroCopyBytes()).isEqualTo(FILE_BYTES));
    assertThat(counters().copiedBytes()).isZero();
  }

  @Test
  void copiesRangesThatHaveNoFile() {
    readAll(Kind.FILELESS, 1 << 20);
    assertThat(counters().zeroCopyBytes()).isZero();
    assertThat(counters().copiedBytes()).isEqualTo(FILE_BYTES);
  }

  @ParameterizedTest
  @ValueSource(strings = {"HOT", "COLD", "FILELESS"})
  void answersASingleRequestWithARange(String kind) {
    try (InboundMessage answer =
        await(client.requestResponse(kind, OutboundMessage.of(Bytes.of("100000"))))) {
      assertThat(answer.data())
          .isEqualTo(ByteBuffer.wrap(Arrays.copyOfRange(ranges.content, 1, 100_001)));
    }
  }

  @Test
  void endsTheStreamWhenTheDiskFails() {
    assertThatThrownBy(() -> readAll(Kind.BROKEN, 1 << 20))
        .asInstanceOf(InstanceOfAssertFactories.type(WeirException.class))
        .satisfies(error -> assertThat(error.code()).isEqualTo(ErrorCode.STORAGE_OFFLINE));
    assertThatThrownBy(
            () -> await(client.requestResponse("BROKEN", OutboundMessage.of(Bytes.of("10")))))
        .isInstanceOf(WeirException.class);
    assertThat(client.isOpen()).isTrue();
  }

  @Test
  void refusesARangeThatFitsNoFrameAndReleasesIt() {
    assertThatThrownBy(
            () ->
                await(client.requestResponse("HOT", OutboundMessage.of(Bytes.of("" + (17 << 20))))))
        .asInstanceOf(InstanceOfAssertFactories.type(WeirException.class))
        .satisfies(error -> assertThat(error.code()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE));
  }

  private void readAll(Kind kind, int length) {
    ByteBuffer read = ByteBuffer.allocate(FILE_BYTES);
    client
        .requestStream(kind.name(), OutboundMessage.of(Bytes.of("" + length)))
        .limitRate(3)
        .doOnNext(
            message -> {
              try (message) {
                assertThat(Bytes.text(message.header())).isEqualTo("at " + read.position());
                read.put(message.data());
              }
            })
        .blockLast(PATIENCE);
    assertThat(read.flip())
        .isEqualTo(ByteBuffer.wrap(ranges.content, 0, FILE_BYTES / length * length));
  }

  private TransportCounters counters() {
    return pair.serverSide.counters();
  }
}
