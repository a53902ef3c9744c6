package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.rsocket.Payload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;

/** Many subscriptions live within the memory that is set for all of them together. */
class SubscribeMemoryTest {
  private static final int RECORDS = 3_000;
  private static final int RECORD_BYTES = 1_000;

  @TempDir Path dir;

  /** Asks for its records one by one, when told. */
  private static final class OneByOne extends BaseSubscriber<Payload> {
    private final List<String> received = new ArrayList<>();
    private volatile CountDownLatch next = new CountDownLatch(1);

    @Override
    protected void hookOnSubscribe(org.reactivestreams.Subscription subscription) {
      request(1);
    }

    @Override
    protected void hookOnNext(Payload payload) {
      received.add(payload.getDataUtf8().stripTrailing());
      payload.release();
      next.countDown();
    }

    void awaitOne() throws InterruptedException {
      assertThat(next.await(30, TimeUnit.SECONDS)).isTrue();
    }

    void askAgain() {
      next = new CountDownLatch(1);
      request(1);
    }
  }

  @Test
  void subscribersThatAskForLittleHoldUpNobodyAndMissNothing() throws InterruptedException {
    // 16 pieces fit; 100 subscriptions would hold one each
    try (RunningBroker broker =
            RunningBroker.in(dir, Map.of("subscribe.bytes", Integer.toString(1 << 20)));
        PlainClient client = broker.connect()) {
      try (PlainClient admin = broker.connectJson()) {
        admin.ask("admin.topics.create", "{\"name\":\"t\"}");
      }
      client
          .rsocket()
          .requestChannel(
              Flux.range(0, RECORDS)
                  .map(i -> PlainClient.record("topics.t.produce", null, value(i))))
          .doOnNext(Payload::release)
          .blockLast(Duration.ofSeconds(60));

      List<OneByOne> slow = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        OneByOne subscriber = new OneByOne();
        // each somewhere else, so that they share little
        subscribe(client, "{\"from\":{\"offset\":" + i * 25 + "},\"partition\":0}")
            .subscribe(subscriber);
        slow.add(subscriber);
      }
      for (OneByOne each : slow) {
        each.awaitOne();
      }
      List<String> all =
          subscribe(client, "{\"from\":\"earliest\"}")
              .take(RECORDS)
              .map(
                  payload -> {
                    String text = payload.getDataUtf8().stripTrailing();
                    payload.release();
                    return text;
                  })
              .collectList()
              .block(Duration.ofSeconds(30));
      assertThat(all).hasSize(RECORDS).first().isEqualTo("0");
      assertThat(all).last().isEqualTo(Integer.toString(RECORDS - 1));
      for (OneByOne each : slow) {
        each.askAgain();
      }
      for (int i = 0; i < slow.size(); i++) {
        slow.get(i).awaitOne();
        assertThat(slow.get(i).received)
            .containsExactly(Integer.toString(i * 25), Integer.toString(i * 25 + 1));
        slow.get(i).cancel();
      }
    }
  }

  private static Flux<Payload> subscribe(PlainClient client, String options) {
    return client.rsocket().requestStream(PlainClient.payload("topics.t.subscribe", options));
  }

  private static String value(int number) {
    String digits = Integer.toString(number);
    return digits + " ".repeat(RECORD_BYTES - digits.length());
  }
}
