package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.weir.core.protocol.ListSubscriptionsRequest;
import dev.weir.core.protocol.ListSubscriptionsResponse;
import dev.weir.core.protocol.SubscriptionInfo;
import io.rsocket.Payload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.netty.resources.LoopResources;

/** What a console sees of those who read. */
class SubscriptionsListTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String ROUTE = "admin.subscriptions.list";

  @TempDir private Path dataDir;
  private RunningBroker broker;
  private PlainClient client;
  private PlainClient console;

  /** Asks for nothing by itself. */
  private static final class OnDemand<T> extends BaseSubscriber<T> {
    @Override
    protected void hookOnSubscribe(Subscription subscription) {
      // the test asks
    }
  }

  @BeforeEach
  void start() {
    broker = RunningBroker.in(dataDir);
    client = broker.connect();
    console = broker.connect();
    try (PlainClient admin = broker.connectJson()) {
      admin.ask("admin.topics.create", "{\"name\":\"t\"}");
      admin.ask("admin.topics.create", "{\"name\":\"u\"}");
    }
  }

  @AfterEach
  void stop() {
    console.close();
    client.close();
    broker.close();
  }

  private void produce(int records, String value) {
    client
        .rsocket()
        .requestChannel(
            Flux.range(0, records).map(i -> PlainClient.record("topics.t.produce", null, value)))
        .blockLast(SOON);
  }

  private static Payload fromEarliest(String topic) {
    return PlainClient.payload("topics." + topic + ".subscribe", "{\"from\":\"earliest\"}");
  }

  private OnDemand<Payload> subscribe(String topic) {
    OnDemand<Payload> subscriber = new OnDemand<>();
    client.rsocket().requestStream(fromEarliest(topic)).subscribe(subscriber);
    return subscriber;
  }

  private ListSubscriptionsResponse list(ListSubscriptionsRequest request) {
    return Objects.requireNonNull(
        new LibraryLevel(console).ask(ROUTE, request, ListSubscriptionsResponse.parser()));
  }

  private SubscriptionInfo only() {
    List<SubscriptionInfo> all =
        list(ListSubscriptionsRequest.getDefaultInstance()).getSubscriptionsList();
    assertThat(all).hasSize(1);
    return all.get(0);
  }

  private void awaitOnly(String waitsFor, long next, long lag) {
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              SubscriptionInfo info = only();
              assertThat(info.getWaitsFor()).isEqualTo(waitsFor);
              assertThat(info.getPartitions(0).getNextOffset()).isEqualTo(next);
              assertThat(info.getPartitions(0).getLag()).isEqualTo(lag);
            });
  }

  @Test
  void aRecordSubscriberWaitsForItsOwnDemandThenForData() {
    produce(5, "v");
    OnDemand<Payload> subscriber = subscribe("t");
    subscriber.request(2);
    awaitOnly("demand", 2, 3);
    SubscriptionInfo info = only();
    assertThat(info.getMessages()).isEqualTo(2);
    assertThat(info.getRoute()).isEqualTo("topics.t.subscribe");
    assertThat(info.getTopic()).isEqualTo("t");
    assertThat(info.getRemoteAddress()).startsWith("127.0.0.1:");
    await().atMost(SOON).until(() -> only().getWaitedMillisOrThrow("demand") > 0);

    subscriber.request(10);
    awaitOnly("data", 5, 0);
    await().atMost(SOON).until(() -> only().getWaitedMillisOrThrow("data") > 0);

    subscriber.cancel();
    await()
        .atMost(SOON)
        .until(
            () -> list(ListSubscriptionsRequest.getDefaultInstance()).getSubscriptionsCount() == 0);
  }

  @Test
  void aFetchWaitsForItsDemandThenForData() {
    LibraryLevel weir = new LibraryLevel(client);
    ByteString topic = weir.createTopic("f", 1);
    weir.produce(topic, Batches.of("a", "b"));
    OnDemand<LibraryLevel.Frame> subscriber = new OnDemand<>();
    weir.fetch(topic, 0).subscribe(subscriber);
    subscriber.request(1);
    awaitOnly("demand", 2, 0);
    weir.produce(topic, Batches.of("c"));
    awaitOnly("demand", 2, 1);
    assertThat(only().getRoute()).isEqualTo("fetch");
    assertThat(only().getMessages()).isEqualTo(1);
    subscriber.request(5);
    awaitOnly("data", 3, 0);
  }

  @Test
  void aSubscriberWhoseSocketIsNotReadWaitsForIt() {
    produce(2_000, "v".repeat(10_000));
    CountDownLatch reads = new CountDownLatch(1);
    LoopResources itsThread = LoopResources.create("stuck", 1, true);
    try (PlainClient stuck = broker.connectOn(itsThread)) {
      stuck
          .rsocket()
          .requestStream(fromEarliest("t"))
          .doOnNext(payload -> awaitUninterruptibly(reads)) // on the event loop: nothing is read
          .subscribe();
      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(only().getWaitsFor()).isEqualTo("socket"));
      SubscriptionInfo held = only();
      assertThat(held.getPartitions(0).getLag()).isPositive();
      reads.countDown();
      awaitOnly("data", 2_000, 0);
    } finally {
      reads.countDown();
      itsThread.dispose();
    }
  }

  @Test
  void pagesAndTopics() {
    subscribe("t").request(1);
    subscribe("u").request(1);
    subscribe("t").request(1);
    await()
        .atMost(SOON)
        .until(
            () -> list(ListSubscriptionsRequest.getDefaultInstance()).getSubscriptionsCount() == 3);
    ListSubscriptionsResponse first =
        list(ListSubscriptionsRequest.newBuilder().setLimit(2).build());
    assertThat(first.getSubscriptionsCount()).isEqualTo(2);
    assertThat(first.getMore()).isTrue();
    ListSubscriptionsResponse second =
        list(
            ListSubscriptionsRequest.newBuilder()
                .setAfterId(first.getSubscriptions(1).getId())
                .build());
    assertThat(second.getSubscriptionsCount()).isEqualTo(1);
    assertThat(second.getMore()).isFalse();
    assertThat(
            list(ListSubscriptionsRequest.newBuilder().setTopic("u").build())
                .getSubscriptionsList())
        .extracting(SubscriptionInfo::getTopic)
        .containsExactly("u");
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
