package dev.weir.broker.hostile;

import static dev.weir.broker.hostile.Target.untilClosed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.broker.hostile.RawClient.Body;
import java.io.IOException;
import java.util.List;
import java.util.Objects;

/** Fragments without end, and frames as large as the protocol has them. */
final class Fragments {
  private static final int LARGEST_FRAME = (1 << 24) - 1;

  private Fragments() {}

  static List<Attack> attacks() {
    return List.of(
        new Attack("A3", "fragments without end, empty and full", Fragments::fragments),
        new Attack("A3", "frames of 16 MiB", Fragments::hugeFrames),
        new Attack("A3", "huge metadata", Fragments::hugeMetadata));
  }

  private static void fragments(Target target, Control control) throws IOException {
    int refused = 0;
    for (int round = 0; round < 10; round++) {
      for (int bytes : new int[] {0, 16 << 10}) {
        try (RawClient client = target.attacker().setup()) {
          untilClosed(() -> withoutEnd(client, bytes));
          assertThat(client.readToEnd())
              .isIn("fragmented frames are not accepted: send payloads whole", "closed");
          refused++;
        }
      }
    }
    control.rose("weir_transport_refused_floods_total", refused);
  }

  private static void withoutEnd(RawClient client, int bytes) throws IOException {
    client.frame(
        1,
        RawClient.REQUEST_RESPONSE,
        RawClient.FOLLOWS | RawClient.METADATA,
        new Body().route("produce", 0));
    while (true) {
      client.frame(
          1, RawClient.PAYLOAD, RawClient.NEXT | RawClient.FOLLOWS, new Body().zeros(bytes));
    }
  }

  private static void hugeFrames(Target target, Control control) throws Exception {
    List<RawClient> clients = target.members(40);
    for (RawClient client : clients) {
      untilClosed(() -> client.beginFrame(LARGEST_FRAME, LARGEST_FRAME));
    }
    target.look();
    for (RawClient client : clients) {
      assertThat(client.readToEnd())
          .isIn("a frame of 16777215 bytes came, the limit is 8388608", "closed");
    }
    control.rose("weir_transport_refused_floods_total", clients.size());
  }

  private static void hugeMetadata(Target target, Control control) throws IOException {
    int refused = 0;
    try (RawClient client = target.attacker().setup()) {
      for (int streamId = 1; streamId < 41; streamId += 2) {
        Body body = new Body().route("produce", 7 << 20);
        client.frame(streamId, RawClient.REQUEST_RESPONSE, RawClient.METADATA, body);
        RawClient.Frame answer = Objects.requireNonNull(client.nextAnswer());
        assertThat(answer.type()).isEqualTo(RawClient.ERROR);
        assertThat(answer.text()).isEqualTo("the metadata has 7340040 bytes, the limit is 2097152");
        refused++;
      }
    }
    control.counted("refused with the reason", refused, 20);
  }
}
