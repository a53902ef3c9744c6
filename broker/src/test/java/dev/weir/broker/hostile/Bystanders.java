package dev.weir.broker.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Subscribers at the end of a log that are slow, or read nothing, among a thousand that are fast.
 */
final class Bystanders {
  static final String TOPIC = "tail";
  private static final int CONNECTIONS = 10;
  private static final int STREAMS = 100;
  private static final int RECORDS = 20;
  private static final int RECORD_BYTES = 1_000;
  private static final long DELIVERED = (long) CONNECTIONS * STREAMS * RECORDS;

  private Bystanders() {}

  static List<Attack> attacks() {
    return List.of(new Attack("A10", "slow ones among 1,000 fast ones", Bystanders::commit));
  }

  private static void commit(Target target, Control control) throws Exception {
    target.createTopic(TOPIC, 1, "");
    List<RawClient> fast = target.members(CONNECTIONS);
    RawClient slow = target.attacker().setup();
    RawClient deaf = target.attacker().setup();
    slow.requestStream(1, "topics.tail.subscribe", "", 1);
    deaf.requestStream(1, "topics.tail.subscribe", "", Integer.MAX_VALUE);
    for (RawClient client : fast) {
      for (int i = 0; i < STREAMS; i++) {
        client.requestStream(2 * i + 1, "topics.tail.subscribe", "", Integer.MAX_VALUE);
      }
    }
    control.shows("weir_subscriptions", CONNECTIONS * STREAMS + 2);
    long read = target.broker().bytesRead();
    ExecutorService readers = Executors.newFixedThreadPool(CONNECTIONS);
    try {
      List<Future<Integer>> reading = new ArrayList<>();
      for (RawClient client : fast) {
        reading.add(readers.submit(() -> readAll(client)));
      }
      target.produce(TOPIC, RECORDS, RECORD_BYTES);
      long received = 0;
      for (Future<Integer> each : reading) {
        received += each.get(Target.SOON.toSeconds(), TimeUnit.SECONDS);
      }
      control.counted("records received by the fast ones", received, DELIVERED);
    } finally {
      readers.shutdownNow();
    }
    target.look();
    read = target.broker().bytesRead() - read;
    assertThat(slow.nextAnswer().type()).isEqualTo(RawClient.PAYLOAD);
    control.shows("weir_subscriptions_waiting_demand", 1);
    // Appended once, read a few times, sent a thousand times.
    assertThat(read)
        .as("bytes read by the broker for %d bytes delivered", DELIVERED * RECORD_BYTES)
        .isLessThan(DELIVERED * RECORD_BYTES / 2);
    control.counted("bytes read to deliver " + DELIVERED * RECORD_BYTES, read, 1);
  }

  private static int readAll(RawClient client) throws Exception {
    int received = 0;
    while (received < STREAMS * RECORDS) {
      assertThat(client.nextAnswer().type()).isEqualTo(RawClient.PAYLOAD);
      received++;
    }
    return received;
  }
}
