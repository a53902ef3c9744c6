package dev.weir.broker.hostile;

import static dev.weir.broker.hostile.Target.BIG_RECORD_BYTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.broker.PlainClient;
import dev.weir.core.protocol.FetchRequest;
import io.rsocket.Payload;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Subscribers that take all they can get and read nothing, and subscribers that never ask again.
 */
final class Unread {
  private static final int NEVER_READ = 40;
  static final String KEPT = "kept";
  static final String KEPT_CONFIG = "\"segment.bytes\":\"262144\"";
  private static final int KEPT_RECORDS = 100;
  private static final int KEPT_RECORD_BYTES = 20_000;
  private static final int SLEEPERS = 400;
  private static final int CONNECTIONS = 4;

  private Unread() {}

  static List<Attack> attacks() {
    return List.of(
        new Attack("A6", "subscribers that never read", Unread::subscribers),
        new Attack("A6", "fetches that nobody reads", Unread::fetches),
        new Attack("A6", "one request after the other and none read", Unread::oneByOne),
        new Attack("A7", "subscribers that never ask again", Unread::sleepers));
  }

  private static void subscribers(Target target, Control control) throws IOException {
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < NEVER_READ; i++) {
      clients.add(
          target
              .attacker()
              .setup()
              .requestStream(
                  1, "topics.big.subscribe", "{\"from\":\"earliest\"}", Integer.MAX_VALUE));
    }
    areClosed(clients, control);
  }

  private static void fetches(Target target, Control control) throws IOException {
    byte[] request =
        FetchRequest.newBuilder()
            .setTopicId(target.bigTopic())
            .setLeaderEpoch(-1)
            .setMaxFrameBytes(1 << 20)
            .build()
            .toByteArray();
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < NEVER_READ; i++) {
      clients.add(target.attacker().setup().requestStream(1, "fetch", request, Integer.MAX_VALUE));
    }
    areClosed(clients, control);
  }

  /** They are served until their windows are full, and then they are all closed. */
  private static void areClosed(List<RawClient> clients, Control control) throws IOException {
    control.rose(
        clients.size(),
        "weir_transport_stalled_connections_total",
        "weir_transport_evicted_connections_total");
    // What was on its way to them is still there, unless the connection was reset.
    long served = clients.stream().mapToLong(RawClient::countToEnd).sum();
    control.counted("bytes served until the windows were full", served, 2L * BIG_RECORD_BYTES);
  }

  /** It reads nothing: it is closed when it has asked for more than fits. */
  private static void oneByOne(Target target, Control control) throws IOException {
    byte[] one = RawClient.bytes(1, RawClient.REQUEST_N, 0, new RawClient.Body().number(1));
    byte[] many = new byte[one.length * 1000];
    for (int i = 0; i < 1000; i++) {
      System.arraycopy(one, 0, many, i * one.length, one.length);
    }
    int[] sent = new int[1];
    try (RawClient client =
        target
            .attacker()
            .setup()
            .requestStream(1, "topics.big.subscribe", "{\"from\":\"earliest\"}", 1)) {
      Target.untilClosed(
          () -> {
            for (; sent[0] < 5_000; sent[0]++) {
              client.raw(many);
            }
          });
      control.rose(
          1,
          "weir_transport_stalled_connections_total",
          "weir_transport_evicted_connections_total");
    }
    control.counted("thousands of REQUEST_N", sent[0], 1);
  }

  private static void sleepers(Target target, Control control) throws Exception {
    target.createTopic(KEPT, 1, KEPT_CONFIG);
    target.produce(KEPT, KEPT_RECORDS, KEPT_RECORD_BYTES);
    long segments = target.segments(KEPT);
    List<RawClient> clients = target.members(CONNECTIONS);
    for (int i = 0; i < SLEEPERS; i++) {
      clients
          .get(i % CONNECTIONS)
          .requestStream(streamId(i), "topics.kept.subscribe", "{\"from\":\"earliest\"}", 1);
    }
    long received = readOfEach(clients);
    for (int i = 0; i < SLEEPERS; i++) {
      clients.get(i % CONNECTIONS).requestN(streamId(i), 1);
    }
    received += readOfEach(clients);
    control.counted("records received, none unasked", received, 2L * SLEEPERS);
    control.shows("weir_subscriptions_waiting_demand", SLEEPERS);
    target.look();
    String trim = "{\"name\":\"kept\",\"partitions\":[{\"partition\":0,\"offset\":\"-1\"}]}";
    target
        .honest()
        .rsocket()
        .requestResponse(PlainClient.payload("admin.topics.delete-records", trim))
        .doOnNext(Payload::release)
        .block(Target.SOON);
    await().atMost(Target.SOON).untilAsserted(() -> assertThat(target.segments(KEPT)).isEqualTo(1));
    control.counted("segments that went all the same", segments - 1, 4);
  }

  private static int streamId(int sleeper) {
    return 2 * (sleeper / CONNECTIONS) + 1;
  }

  private static long readOfEach(List<RawClient> clients) throws IOException {
    long received = 0;
    for (RawClient client : clients) {
      for (int i = 0; i < SLEEPERS / CONNECTIONS; i++) {
        assertThat(client.nextAnswer().type()).isEqualTo(RawClient.PAYLOAD);
        received++;
      }
    }
    return received;
  }
}
