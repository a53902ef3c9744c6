package dev.weir.broker.hostile;

import static dev.weir.broker.hostile.Target.untilClosed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.broker.hostile.RawClient.Body;
import java.io.IOException;
import java.util.List;

/** Frames that cost their sender next to nothing, in any number. */
final class Floods {
  private static final int ROUNDS = 5;

  private Floods() {}

  static List<Attack> attacks() {
    return List.of(
        new Attack("A4", "streams without end", Floods::streams),
        new Attack("A4", "a SETUP twice", Floods::setupTwice),
        new Attack("A4", "frames of unknown streams", Floods::unknownStreams),
        new Attack("A4", "KEEPALIVE frames without end", Floods::keepAlives),
        new Attack("A4", "KEEPALIVE frames with data nobody reads", Floods::keepAlivesWithData),
        new Attack("A4", "requests and cancels without end", Floods::cancels),
        new Attack("A4", "questions whose answers nobody reads", Floods::questions));
  }

  private static void streams(Target target, Control control) throws IOException {
    try (RawClient client = target.attacker().setup()) {
      for (int i = 0; i < 20_000; i++) {
        client.requestStream(2 * i + 1, "topics.good.subscribe", "", 1);
      }
      control.rose("weir_transport_rejected_streams_total", 10_000);
    }
  }

  private static void setupTwice(Target target, Control control) throws IOException {
    for (int i = 0; i < ROUNDS; i++) {
      try (RawClient client = target.attacker().setup()) {
        untilClosed(client::setup);
        assertThat(client.readToEnd()).isEqualTo("a SETUP came twice");
      }
    }
    control.rose("weir_transport_refused_floods_total", ROUNDS);
  }

  private static void unknownStreams(Target target, Control control) throws IOException {
    for (int round = 0; round < ROUNDS; round++) {
      try (RawClient client = target.attacker().setup()) {
        untilClosed(
            () -> {
              for (int i = 0; i < 1_000_000; i++) {
                Body data = new Body().zeros(1000);
                client.frame(2 * i + 1, RawClient.PAYLOAD, RawClient.NEXT, data);
              }
            });
        assertThat(client.readToEnd())
            .isIn(
                "closed", "101 times: frames came for streams that were never opened, such as 201");
      }
    }
    control.rose("weir_transport_refused_floods_total", ROUNDS);
  }

  private static void keepAlives(Target target, Control control) throws IOException {
    byte[] keepAlive =
        RawClient.bytes(0, RawClient.KEEPALIVE, RawClient.RESPOND, new Body().longNumber(0));
    for (int round = 0; round < ROUNDS; round++) {
      try (RawClient client = target.attacker().setup()) {
        untilClosed(
            () -> {
              while (true) {
                client.raw(keepAlive);
              }
            });
        assertThat(client.readToEnd())
            .isIn("more than 1000 KEEPALIVE frames came at once", "closed");
      }
    }
    control.rose("weir_transport_refused_floods_total", ROUNDS);
  }

  private static void keepAlivesWithData(Target target, Control control) throws IOException {
    for (int round = 0; round < ROUNDS; round++) {
      try (RawClient client = target.attacker().setup()) {
        untilClosed(
            () -> {
              while (true) {
                Body body = new Body().longNumber(0).zeros(64 << 10);
                client.frame(0, RawClient.KEEPALIVE, RawClient.RESPOND, body);
              }
            });
        assertThat(client.readToEnd())
            .isIn("a KEEPALIVE carries 65536 bytes, the limit is 64", "closed");
      }
    }
    control.rose("weir_transport_refused_floods_total", ROUNDS);
  }

  private static void cancels(Target target, Control control) throws IOException {
    int[] sent = new int[1];
    try (RawClient client = target.attacker().setup()) {
      untilClosed(
          () -> {
            for (; sent[0] < 60_000; sent[0]++) {
              int stream = 2 * sent[0] + 1;
              client.requestStream(stream, "topics.big.subscribe", "{\"from\":\"earliest\"}", 1000);
              client.cancel(stream);
            }
          });
      control.counted("requests cancelled", sent[0], 1_000);
      // It was kept waiting until all of them were looked at, or closed.
      untilClosed(() -> client.requestResponse(1_000_001, "nothing.here", ""));
      assertThat(client.nextError()).isNotEqualTo("still open");
    }
  }

  private static void questions(Target target, Control control) throws IOException {
    int[] asked = new int[1];
    try (RawClient client = target.attacker().setup()) {
      untilClosed(
          () -> {
            while (true) {
              client.requestResponse(2 * asked[0]++ + 1, "nothing.here", "");
            }
          });
      assertThat(client.readToEnd()).isNotEqualTo("still open");
    }
    control.counted("questions", asked[0], 1_000);
  }
}
