package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.core.protocol.ListSubscriptionsRequest;
import dev.weir.core.protocol.ListSubscriptionsResponse;
import dev.weir.core.protocol.SubscriptionInfo;
import io.rsocket.Payload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.netty.resources.LoopResources;

/** Subscribers that want the newest of each key when they are behind. */
class SubscribeConflateTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Pattern CONFLATED = Pattern.compile("\"conflated\":([0-9]+)}$");

  @TempDir private Path dataDir;
  private RunningBroker broker;
  private PlainClient client;
  private PlainClient console;

  /** Asks when it is told to. */
  private static final class OnDemand extends BaseSubscriber<Payload> {
    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
      // the test asks
    }

    @Override
    protected void hookOnNext(Payload payload) {
      received.add(payload.getDataUtf8().stripTrailing() + " " + conflated(payload));
      payload.release();
    }

    /** Asks for so many and waits for them; each is its value and what it says it stands for. */
    List<String> next(int records) throws InterruptedException {
      request(records);
      List<String> got = new ArrayList<>();
      for (int i = 0; i < records; i++) {
        got.add(String.valueOf(received.poll(20, TimeUnit.SECONDS)));
      }
      assertThat(received).isEmpty();
      return got;
    }
  }

  private static long conflated(Payload payload) {
    Matcher told = CONFLATED.matcher(PlainClient.recordJson(payload));
    return told.find() ? Long.parseLong(told.group(1)) : 0;
  }

  @BeforeEach
  void start() {
    // a quarter of it may be kept
    broker = RunningBroker.in(dataDir, Map.of("subscribe.bytes", Integer.toString(4 << 20)));
    client = broker.connect();
    console = broker.connect();
    try (PlainClient admin = broker.connectJson()) {
      admin.ask("admin.topics.create", "{\"name\":\"t\",\"partitions\":2}");
    }
  }

  @AfterEach
  void stop() {
    console.close();
    client.close();
    broker.close();
  }

  private void produce(Stream<Payload> records) {
    client.rsocket().requestChannel(Flux.fromStream(records)).blockLast(SOON);
  }

  private void produce(String... keysAndValues) {
    produce(Stream.of(keysAndValues).map(each -> record(0, each)));
  }

  /** "key=value"; "=value" has no key, "key=" is a tombstone. */
  private static Payload record(int partition, String keyAndValue) {
    int at = keyAndValue.indexOf('=');
    String key = keyAndValue.substring(0, at);
    String value = keyAndValue.substring(at + 1);
    return PlainClient.record(
        "topics.t.produce",
        "{\"partition\":"
            + partition
            + (key.isEmpty() ? "" : ",\"key\":\"" + key + "\"")
            + (value.isEmpty() ? ",\"tombstone\":true}" : "}"),
        value);
  }

  /** One that has asked for a first record, got it, and asks for nothing more. */
  private OnDemand behind(String options) throws InterruptedException {
    OnDemand subscriber = new OnDemand();
    client
        .rsocket()
        .requestStream(
            PlainClient.payload("topics.t.subscribe", "{\"conflate\":\"key\"" + options + "}"))
        .subscribe(subscriber);
    subscriber.request(1);
    await().atMost(SOON).until(() -> list().size() == 1 && position(0) >= 0 && position(1) >= 0);
    produce("first=first");
    assertThat(subscriber.received.poll(20, TimeUnit.SECONDS)).isEqualTo("first 0");
    return subscriber;
  }

  private List<SubscriptionInfo> list() {
    return Objects.requireNonNull(
            new LibraryLevel(console)
                .ask(
                    "admin.subscriptions.list",
                    ListSubscriptionsRequest.getDefaultInstance(),
                    ListSubscriptionsResponse.parser()))
        .getSubscriptionsList();
  }

  private SubscriptionInfo only() {
    assertThat(list()).hasSize(1);
    return list().get(0);
  }

  private long position(int partition) {
    return only().getPartitionsList().stream()
        .filter(each -> each.getPartition() == partition)
        .mapToLong(each -> each.getNextOffset())
        .findFirst()
        .orElse(-1);
  }

  private void awaitPosition(int partition, long offset) {
    await().atMost(SOON).untilAsserted(() -> assertThat(position(partition)).isEqualTo(offset));
  }

  @Test
  void withoutDemandTheNewestOfEachKeyIsKeptAndTheRestIsTold() throws InterruptedException {
    OnDemand subscriber = behind("");
    produce(IntStream.range(0, 1_000).mapToObj(i -> record(0, "k" + i % 10 + "=v" + i)));
    awaitPosition(0, 991);
    assertThat(only().getWaitsFor()).isEqualTo("demand");
    assertThat(only().getPartitionsList())
        .anySatisfy(each -> assertThat(each.getLag()).isEqualTo(10));
    assertThat(only().getConflated()).as("nothing has been given instead yet").isZero();

    assertThat(subscriber.next(1)).containsExactly("v990 990");
    assertThat(only().getConflated()).isEqualTo(990);
    assertThat(subscriber.next(9)).first().isEqualTo("v991 0");
    awaitPosition(0, 1_001);

    subscriber.request(30); // in time for what comes now
    produce(IntStream.range(0, 30).mapToObj(i -> record(0, "k=w" + i)));
    for (int i = 0; i < 30; i++) {
      assertThat(subscriber.received.poll(20, TimeUnit.SECONDS)).isEqualTo("w" + i + " 0");
    }
    assertThat(only().getConflated()).isEqualTo(990);
    assertThat(only().getMessages()).isEqualTo(41);
  }

  @Test
  void recordsWithoutAKeyStayAndATombstoneIsTheNewestOfItsKey() throws InterruptedException {
    OnDemand subscriber = behind("");
    produce("z=1", "a=1", "=n1", "a=2", "a=", "=n2", "b=1", "z=2");
    awaitPosition(0, 3); // all are read: the last has replaced the first
    assertThat(subscriber.next(1)).containsExactly("n1 2");
    assertThat(subscriber.next(4)).containsExactly(" 1", "n2 0", "1 0", "2 0");
  }

  @Test
  void onlyWhatIsWantedIsKeptAndCounted() throws InterruptedException {
    OnDemand subscriber = behind(",\"where\":{\"keys\":[\"first\",\"a\",\"b\"]}");
    produce("c=1", "a=1", "c=2", "a=2", "c=3", "b=1", "c=4", "a=3");
    awaitPosition(0, 6);
    assertThat(subscriber.next(2)).containsExactly("1 2", "3 0");
    awaitPosition(0, 9);
  }

  @Test
  void partitionsAreKeptApart() throws InterruptedException {
    OnDemand subscriber = behind("");
    produce(Stream.of("a=p1", "a=p2", "b=p3", "a=p4").map(each -> record(0, each)));
    awaitPosition(0, 3);
    produce(Stream.of("a=q1", "b=q2", "a=q3", "b=q4").map(each -> record(1, each)));
    awaitPosition(1, 2);
    assertThat(subscriber.next(4)).containsExactly("p3 2", "q3 2", "p4 0", "q4 0");
  }

  @Test
  void whenNoMoreFitsReadingStopsAndNothingIsDropped() throws InterruptedException {
    OnDemand subscriber = behind("");
    String large = " ".repeat(20_000);
    produce("x=1", "x=2");
    awaitPosition(0, 2);
    produce(IntStream.range(0, 80).mapToObj(i -> record(0, "k" + i + "=v" + i + large)));
    produce("x=3");
    await()
        .during(Duration.ofMillis(500))
        .atMost(SOON)
        .untilAsserted(() -> assertThat(position(0)).as("x=3 is not read").isEqualTo(2));
    List<String> expected = new ArrayList<>(List.of("2 1"));
    IntStream.range(0, 80).forEach(i -> expected.add("v" + i + " 0"));
    expected.add("3 0");
    assertThat(subscriber.next(82)).isEqualTo(expected);
    assertThat(only().getConflated()).isEqualTo(1);
  }

  @Test
  void aSubscriptionThatEndsGivesItsMemoryBack() throws InterruptedException {
    String large = " ".repeat(20_000);
    for (int turn = 0; turn < 3; turn++) { // two together would not fit
      OnDemand subscriber = behind("");
      produce("x=1");
      produce(IntStream.range(0, 45).mapToObj(i -> record(0, "k" + i + "=v" + i + large)));
      produce("x=2");
      awaitPosition(0, turn * 48 + 2); // all are read
      subscriber.cancel();
      await().atMost(SOON).until(() -> list().isEmpty());
    }
  }

  @Test
  void aSocketThatTakesNothingConflatesToo() {
    int records = 2_000;
    String large = " ".repeat(10_000);
    produce(IntStream.range(0, records).mapToObj(i -> record(0, "k" + i % 10 + "=" + i + large)));
    CountDownLatch reads = new CountDownLatch(1);
    LoopResources itsThread = LoopResources.create("stuck", 1, true);
    AtomicInteger came = new AtomicInteger();
    AtomicLong told = new AtomicLong();
    Map<Integer, Integer> newest = new ConcurrentHashMap<>();
    try (PlainClient stuck = broker.connectOn(itsThread)) {
      stuck
          .rsocket()
          .requestStream(
              PlainClient.payload(
                  "topics.t.subscribe", "{\"from\":\"earliest\",\"conflate\":\"key\"}"))
          .doOnNext(payload -> awaitUninterruptibly(reads)) // on the event loop: nothing is read
          .subscribe(
              payload -> {
                int value = Integer.parseInt(payload.getDataUtf8().strip());
                newest.merge(value % 10, value, Math::max);
                came.incrementAndGet();
                told.addAndGet(conflated(payload));
                payload.release();
              });
      awaitPosition(0, records - 10);
      assertThat(only().getWaitsFor()).isEqualTo("socket");
      reads.countDown();
      await().atMost(SOON).until(() -> came.get() + told.get() == records);
      assertThat(told.get()).isPositive().isEqualTo(only().getConflated());
      assertThat(newest).hasSize(10);
      newest.forEach((key, value) -> assertThat(value).isEqualTo(records - 10 + key));
    } finally {
      reads.countDown();
      itsThread.dispose();
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
