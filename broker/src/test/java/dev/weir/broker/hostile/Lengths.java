package dev.weir.broker.hostile;

import static dev.weir.broker.hostile.Target.untilClosed;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.weir.broker.PlainClient;
import dev.weir.broker.hostile.RawClient.Body;
import io.rsocket.Payload;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Lengths and counts that lie: nothing is set aside for what was only announced. */
final class Lengths {
  private static final int FRAME_LIMIT = 8 << 20; // an eighth of the direct memory

  private Lengths() {}

  static List<Attack> attacks() {
    return List.of(
        new Attack("A2", "frames whose lengths lie", Lengths::lyingFrames),
        new Attack("A2", "SETUPs that make no sense", Lengths::senselessSetups),
        new Attack("A2", "batches whose lengths lie", LyingBatches::commit),
        new Attack("A2", "metadata that is many times larger as objects", Lengths::manyObjects),
        new Attack("A2", "frames of members that do not end", Lengths::unfinished));
  }

  private record Lie(String expected, ByteString bytes) {
    Lie(String expected, byte[] bytes) {
      this(expected, ByteString.copyFrom(bytes));
    }
  }

  private static List<Lie> lies() throws IOException {
    return List.of(
        new Lie(
            "a frame of 16777215 bytes came, the limit is " + FRAME_LIMIT,
            new byte[] {-1, -1, -1, 0, 0, 0, 1}),
        new Lie("a frame of 0 bytes is malformed", new byte[] {0, 0, 0}),
        new Lie("a frame of 5 bytes is malformed", new byte[] {0, 0, 5, 0, 0, 0, 1, 0x11}),
        new Lie(
            "stream 1 asks for -1, expected",
            RawClient.bytes(
                1,
                RawClient.REQUEST_STREAM,
                RawClient.METADATA,
                new Body().number(-1).route("topics.big.subscribe", 0))),
        new Lie(
            "",
            RawClient.bytes(
                1,
                RawClient.REQUEST_RESPONSE,
                RawClient.METADATA,
                new Body().shortNumber(0xffff).shortNumber(0xff00).zeros(100))),
        new Lie(
            "",
            RawClient.bytes(
                1,
                RawClient.REQUEST_RESPONSE,
                RawClient.METADATA,
                new Body().shortNumber(0).shortNumber(0x04ff).text("abc"))),
        new Lie(
            "a frame of 10 bytes is malformed",
            RawClient.bytes(0, RawClient.KEEPALIVE, RawClient.RESPOND, new Body().zeros(4))),
        new Lie(
            "a frame of 8 bytes is malformed",
            RawClient.bytes(1, RawClient.REQUEST_N, 0, new Body().zeros(2))));
  }

  private static void lyingFrames(Target target, Control control) throws IOException {
    int told = 0;
    for (int round = 0; round < 10; round++) {
      for (Lie lie : lies()) {
        try (RawClient client = target.attacker().setup()) {
          untilClosed(() -> client.raw(lie.bytes().toByteArray()));
          String answer = client.nextError();
          assertThat(answer).isNotEqualTo("still open").startsWith(lie.expected());
          told++;
        }
      }
    }
    control.rose("weir_transport_refused_floods_total", 10 * 6);
    control.counted("refused with the reason", told, 80);
  }

  private static void senselessSetups(Target target, Control control) throws IOException {
    Body[] bodies = {
      new Body(),
      new Body().zeros(3),
      new Body().shortNumber(1).shortNumber(0).number(5000).number(60000).shortText("x"),
      new Body().shortNumber(1).shortNumber(0).number(5000).number(60000).text("\u00ffshort"),
      new Body().shortNumber(99).shortNumber(0).number(5000).number(60000).zeros(100),
      new Body().shortNumber(1).shortNumber(0).number(-1).number(-1).zeros(2),
      new Body()
          .shortNumber(1)
          .shortNumber(0)
          .number(5000)
          .number(60000)
          .shortText("\u0000\u00ff\u0001")
          .shortText("\u0080"),
    };
    int refused = 0;
    for (int round = 0; round < 20; round++) {
      for (Body body : bodies) {
        for (int flags : new int[] {0, RawClient.METADATA, RawClient.FOLLOWS, 1 << 6}) {
          try (RawClient client = target.attacker()) {
            untilClosed(() -> client.frame(0, RawClient.SETUP, flags, body));
            untilClosed(() -> client.requestResponse(1, "metadata", ""));
            // Either it is closed, or nothing can be asked for.
            RawClient.@Nullable Frame answer = readOrNull(client);
            assertThat(answer == null || answer.type() == RawClient.ERROR).isTrue();
            refused++;
          }
        }
      }
    }
    control.counted("refused", refused, 560);
    control.rose("weir_transport_refused_floods_total", 100);
  }

  private static RawClient.@Nullable Frame readOrNull(RawClient client) {
    try {
      return client.read();
    } catch (SocketTimeoutException e) {
      throw new AssertionError("neither an answer nor the end", e);
    } catch (IOException reset) {
      return null;
    }
  }

  private static void manyObjects(Target target, Control control) {
    String headers = "[\"\",\"\"],".repeat(200_000);
    String json = "{\"headers\":[" + headers.substring(0, headers.length() - 1) + "]}";
    String topics = "{\"name\":\"x\",\"config\":{\"a\":\"" + "b".repeat(3 << 20) + "\"}}";
    int refused = 0;
    try (PlainClient client = PlainClient.connect(target.broker().port(), RawClient.JSON)) {
      for (int i = 0; i < 20; i++) {
        assertThat(errorOf(client, PlainClient.record("topics.big.produce", json, "x")))
            .isEqualTo("the record's metadata has more than 10000 headers");
        assertThat(errorOf(client, PlainClient.payload("admin.topics.create", topics)))
            .contains("the limit is 1048576");
        refused += 2;
      }
    }
    control.counted("refused with the reason", refused, 40);
  }

  private static String errorOf(PlainClient client, Payload request) {
    return String.valueOf(
        client
            .rsocket()
            .requestResponse(request)
            .map(answer -> "answered " + answer.getDataUtf8())
            .onErrorResume(error -> Mono.just("" + error.getMessage()))
            .block(Target.SOON));
  }

  private static void unfinished(Target target, Control control) throws Exception {
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      RawClient client = target.attacker().setup();
      clients.add(client);
      untilClosed(() -> client.beginFrame(4 << 20, 3 << 20));
    }
    target.look();
    int refused = 0;
    int evicted = 0;
    int open = 0;
    for (RawClient client : clients) {
      String end = client.readToEnd(Duration.ofMillis(200));
      refused += end.startsWith("there is no memory for a frame of 4194304 bytes") ? 1 : 0;
      evicted += end.endsWith("does not end and its memory is needed") ? 1 : 0;
      open += end.equals("still open") ? 1 : 0;
    }
    control.counted("refused", refused, 10);
    control.counted("gave way", evicted, 0);
    control.counted("left", open, 0);
    control.rose("weir_transport_refused_floods_total", refused + evicted);
  }
}
