package dev.weir.broker.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.weir.broker.PlainClient;
import dev.weir.broker.hostile.RawClient.Body;
import dev.weir.core.protocol.ProduceHeader;
import dev.weir.core.protocol.ProduceResult;
import io.rsocket.Payload;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

/**
 * One broker with 64 MiB of heap and 64 MiB of direct memory, one producer and one consumer that
 * behave, and one attack after the other beside them. Each attack has to end with an error or a
 * closed connection, and to have taken place.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileClientsTest {
  private static final String ATTACKER = "127.0.0.66";
  private static final int STALL_MILLIS = 2_000;
  private static final Duration SOON = Duration.ofSeconds(20);

  /** Records to read for those who do not: more than all memory there is. */
  private static final int BIG_RECORDS = 150;

  private static final int BIG_RECORD_BYTES = 500_000;

  @TempDir private static Path dir;

  private SmallBroker broker;
  private GoodTraffic good;
  private ScheduledExecutorService watch;
  private final AtomicLong mostDirect = new AtomicLong();
  private final AtomicReference<Throwable> watchFailure = new AtomicReference<>();
  private long openFiles;

  @BeforeAll
  void start() throws Exception {
    broker = new SmallBroker(dir, "stall.timeout.ms=" + STALL_MILLIS);
    good = new GoodTraffic(broker.port());
    fillBigTopic();
    good.goesOn(100);
    watch = Executors.newSingleThreadScheduledExecutor();
    var unused = watch.scheduleWithFixedDelay(this::look, 0, 100, TimeUnit.MILLISECONDS);
  }

  private void fillBigTopic() {
    try (PlainClient client = PlainClient.connect(broker.port(), RawClient.JSON)) {
      client.ask("admin.topics.create", "{\"name\":\"big\"}");
      String value = "b".repeat(BIG_RECORD_BYTES);
      client
          .rsocket()
          .requestChannel(
              Flux.range(0, BIG_RECORDS).map(i -> PlainClient.payload("topics.big.produce", value)))
          .doOnNext(Payload::release)
          .blockLast(Duration.ofSeconds(60));
    }
  }

  private void look() {
    try {
      long direct = (long) broker.meter("weir_memory_direct_bytes");
      mostDirect.accumulateAndGet(direct, Math::max);
    } catch (Exception | AssertionError e) {
      watchFailure.compareAndSet(null, e);
    }
  }

  @BeforeEach
  void before() throws Exception {
    openFiles = broker.openFiles();
    mostDirect.set(0);
    good.longestPauseMillis();
  }

  @AfterEach
  void theBrokerIsWell(org.junit.jupiter.api.TestInfo attack) throws Exception {
    assertThat(broker.isAlive()).as(broker.log()).isTrue();
    good.goesOn(100);
    look();
    assertThat(watchFailure.get()).as("somebody could always look at the meters").isNull();
    assertThat(mostDirect.get()).isBetween(1L, SmallBroker.DIRECT_LIMIT);
    System.out.printf(
        "%-45s direct memory at most %5.1f MiB, longest pause of the good consumer %4d ms%n",
        attack.getDisplayName(), mostDirect.get() / 1048576.0, good.longestPauseMillis());
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(broker.openFiles()).isLessThanOrEqualTo(openFiles + 8));
    assertThat(broker.log()).doesNotContain("OutOfMemoryError");
  }

  @AfterAll
  void nothingWasLost() throws Exception {
    try {
      watch.shutdownNow();
      good.finish();
      assertThat(broker.meter("weir_transport_held_bytes")).isLessThan(1 << 20);
    } finally {
      good.close();
      broker.close();
    }
  }

  private RawClient attacker() throws IOException {
    return new RawClient(broker.port(), ATTACKER);
  }

  private interface Attack {
    void run() throws IOException;
  }

  /** Ends when the broker has closed the connection, if not before. */
  private static void untilClosed(Attack attack) {
    try {
      attack.run();
    } catch (IOException closed) {
      // What came before is told by the reading side.
    }
  }

  private static void closeAll(List<RawClient> clients) throws IOException {
    for (RawClient client : clients) {
      client.close();
    }
  }

  @Test
  void subscribersThatNeverRead() throws Exception {
    double stalledBefore = broker.meter("weir_transport_stalled_connections_total");
    double evictedBefore = broker.meter("weir_transport_evicted_connections_total");
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      clients.add(
          attacker()
              .setup()
              .requestStream(
                  1, "topics.big.subscribe", "{\"from\":\"earliest\"}", Integer.MAX_VALUE));
    }
    // They are served until their windows are full, and then they are all closed.
    await()
        .atMost(SOON)
        .until(
            () ->
                broker.meter("weir_transport_stalled_connections_total")
                        + broker.meter("weir_transport_evicted_connections_total")
                    >= stalledBefore + evictedBefore + 40);
    // What was on its way to them is still there, unless the connection was reset.
    long served = clients.stream().mapToLong(RawClient::countToEnd).sum();
    assertThat(served).isGreaterThan(2L * BIG_RECORD_BYTES);
    closeAll(clients);
  }

  @Test
  void keepAlivesWithDataThatNobodyReads() throws Exception {
    try (RawClient client = attacker().setup()) {
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

  @Test
  void keepAlivesWithoutEnd() throws Exception {
    double before = broker.meter("weir_transport_refused_floods_total");
    byte[] keepAlive =
        RawClient.bytes(0, RawClient.KEEPALIVE, RawClient.RESPOND, new Body().longNumber(0));
    try (RawClient client = attacker().setup()) {
      untilClosed(
          () -> {
            while (true) {
              client.raw(keepAlive);
            }
          });
      assertThat(client.readToEnd()).isIn("more than 1000 KEEPALIVE frames came at once", "closed");
    }
    assertThat(broker.meter("weir_transport_refused_floods_total")).isEqualTo(before + 1);
  }

  @Test
  void strangersWithFirstFramesThatDoNotEnd() throws Exception {
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      RawClient client = attacker();
      clients.add(client);
      untilClosed(() -> client.beginFrame(64 << 10, 60 << 10));
    }
    for (RawClient client : clients) {
      assertThat(client.readToEnd()).isNotEqualTo("still open");
    }
    closeAll(clients);
  }

  @Test
  void membersWithFramesThatDoNotEnd() throws Exception {
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      RawClient client = attacker().setup();
      clients.add(client);
      untilClosed(() -> client.beginFrame(4 << 20, 3 << 20));
    }
    int refused = 0;
    int evicted = 0;
    int open = 0;
    for (RawClient client : clients) {
      String end = client.readToEnd(Duration.ofMillis(500));
      refused += end.startsWith("there is no memory for a frame of 4194304 bytes") ? 1 : 0;
      evicted += end.endsWith("does not end and its memory is needed") ? 1 : 0;
      open += end.equals("still open") ? 1 : 0;
    }
    assertThat(refused)
        .as("%d were refused, %d gave way, %d are left", refused, evicted, open)
        .isGreaterThan(10);
    closeAll(clients);
  }

  @Test
  void hugeMetadata() throws Exception {
    try (RawClient client = attacker().setup()) {
      for (int streamId = 1; streamId < 41; streamId += 2) {
        Body body = new Body().route("produce", 7 << 20);
        client.frame(streamId, RawClient.REQUEST_RESPONSE, RawClient.METADATA, body);
        RawClient.Frame answer = Objects.requireNonNull(client.read());
        assertThat(answer.type()).isEqualTo(RawClient.ERROR);
        assertThat(answer.text()).isEqualTo("the metadata has 7340040 bytes, the limit is 2097152");
      }
    }
  }

  @Test
  void metadataThatIsManyTimesLargerAsObjects() throws Exception {
    String headers = "[\"\",\"\"],".repeat(200_000);
    String json = "{\"headers\":[" + headers.substring(0, headers.length() - 1) + "]}";
    try (PlainClient client = PlainClient.connect(broker.port(), RawClient.JSON)) {
      for (int i = 0; i < 20; i++) {
        assertThat(errorOf(client, PlainClient.record("topics.big.produce", json, "x")))
            .isEqualTo("the record's metadata has more than 10000 headers");
      }
      String topics = "{\"name\":\"x\",\"config\":{\"a\":\"" + "b".repeat(3 << 20) + "\"}}";
      for (int i = 0; i < 20; i++) {
        assertThat(errorOf(client, PlainClient.payload("admin.topics.create", topics)))
            .contains("the limit is 1048576");
      }
    }
  }

  private static String errorOf(PlainClient client, Payload request) {
    return client
        .rsocket()
        .requestResponse(request)
        .map(answer -> "answered " + answer.getDataUtf8())
        .onErrorResume(error -> reactor.core.publisher.Mono.just("" + error.getMessage()))
        .block(SOON);
  }

  @Test
  void streamsWithoutEnd() throws Exception {
    double before = broker.meter("weir_transport_rejected_streams_total");
    try (RawClient client = attacker().setup()) {
      int streams = 20_000;
      for (int i = 0; i < streams; i++) {
        client.requestStream(2 * i + 1, "topics.good.subscribe", "", 1);
      }
      await()
          .atMost(SOON)
          .until(() -> broker.meter("weir_transport_rejected_streams_total") > before + 10_000);
    }
  }

  @Test
  void asksOneByOneWithoutEnd() throws Exception {
    try (RawClient client =
        attacker()
            .setup()
            .requestStream(1, "topics.good.subscribe", "{\"from\":\"earliest\"}", 1)) {
      byte[] one = RawClient.bytes(1, RawClient.REQUEST_N, 0, new Body().number(1));
      byte[] many = new byte[one.length * 1000];
      for (int i = 0; i < 1000; i++) {
        System.arraycopy(one, 0, many, i * one.length, one.length);
      }
      // It reads nothing: it is closed when it has asked for more than fits.
      untilClosed(
          () -> {
            for (int i = 0; i < 5_000; i++) {
              client.raw(many);
            }
          });
    }
  }

  @Test
  void framesOfUnknownStreams() throws Exception {
    try (RawClient client = attacker().setup()) {
      untilClosed(
          () -> {
            for (int i = 0; i < 1_000_000; i++) {
              Body data = new Body().zeros(1000);
              client.frame(2 * i + 1, RawClient.PAYLOAD, RawClient.NEXT, data);
            }
          });
      assertThat(client.readToEnd())
          .isIn("closed", "101 times: frames came for streams that were never opened, such as 201");
    }
  }

  @Test
  void emptyFragments() throws Exception {
    try (RawClient client = attacker().setup()) {
      untilClosed(
          () -> {
            client.frame(
                1,
                RawClient.REQUEST_RESPONSE,
                RawClient.FOLLOWS | RawClient.METADATA,
                new Body().route("produce", 0));
            for (int i = 0; i < 1_000_000; i++) {
              client.frame(1, RawClient.PAYLOAD, RawClient.NEXT | RawClient.FOLLOWS, new Body());
            }
          });
      assertThat(client.readToEnd())
          .isIn("fragmented frames are not accepted: send payloads whole", "closed");
    }
  }

  @Test
  void aSetupByteByByte() throws Exception {
    byte[] setup = RawClient.bytes(0, RawClient.SETUP, 0, new Body().zeros(1000));
    long start = System.nanoTime();
    try (RawClient client = attacker()) {
      untilClosed(
          () -> {
            for (byte each : setup) {
              client.raw(each);
              pause(100);
            }
          });
      assertThat(client.readToEnd()).isEqualTo("closed");
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
  }

  private static void pause(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void bombs() throws Exception {
    try (PlainClient client = PlainClient.connect(broker.port(), RawClient.JSON)) {
      String created = client.ask("admin.topics.create", "{\"name\":\"bombed\"}");
      Matcher id = Pattern.compile("\"topicId\":\"([^\"]+)\"").matcher(created);
      assertThat(id.find()).as(created).isTrue();
      byte[] header =
          ProduceHeader.newBuilder()
              .setTopicId(ByteString.copyFrom(Base64.getDecoder().decode(id.group(1))))
              .build()
              .toByteArray();
      byte[] bomb = Bomb.of(500 << 20);
      assertThat(bomb.length).isLessThan(1 << 20);
      for (int i = 0; i < 5; i++) {
        Payload answer =
            client
                .rsocket()
                .requestResponse(PlainClient.headed("produce", header, bomb))
                .block(SOON);
        ProduceResult result = ProduceResult.parseFrom(PlainClient.header(answer));
        assertThat(result.getError()).as("%s", result).isNotZero();
        assertThat(result.getErrorMessage()).contains("a record of 524288010 bytes is larger");
      }
    }
  }

  @Test
  void setupsThatMakeNoSense() throws Exception {
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
    for (int round = 0; round < 20; round++) {
      for (Body body : bodies) {
        for (int flags : new int[] {0, RawClient.METADATA, RawClient.FOLLOWS, 1 << 6}) {
          try (RawClient client = attacker()) {
            untilClosed(() -> client.frame(0, RawClient.SETUP, flags, body));
            untilClosed(() -> client.requestResponse(1, "metadata", ""));
            // Either it is closed, or nothing can be asked for.
            RawClient.@Nullable Frame answer = readOrNull(client);
            assertThat(answer == null || answer.type() == RawClient.ERROR).isTrue();
          }
        }
      }
    }
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

  @Test
  void cancelsWithoutEnd() throws Exception {
    try (RawClient client = attacker().setup()) {
      untilClosed(
          () -> {
            for (int i = 0; i < 60_000; i++) {
              client.requestStream(
                  2 * i + 1, "topics.big.subscribe", "{\"from\":\"earliest\"}", 1000);
              client.cancel(2 * i + 1);
            }
          });
    }
  }

  @Test
  void questionsWhoseAnswersNobodyReads() throws Exception {
    try (RawClient client = attacker().setup()) {
      int[] asked = new int[1];
      untilClosed(
          () -> {
            while (true) {
              client.requestResponse(2 * asked[0]++ + 1, "nothing.here", "");
            }
          });
      assertThat(client.readToEnd()).isNotEqualTo("still open");
      assertThat(asked[0]).isGreaterThan(1000);
    }
  }

  @Test
  void connectionsThatComeAndGo() throws Exception {
    for (int i = 0; i < 1_000; i++) {
      RawClient client = attacker();
      untilClosed(client::setup);
      client.close();
    }
  }

  @Tag("slow")
  @Test
  void everythingAtOnceForAMinute() throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (System.nanoTime() < end) {
      subscribersThatNeverRead();
      keepAlivesWithDataThatNobodyReads();
      membersWithFramesThatDoNotEnd();
      hugeMetadata();
      streamsWithoutEnd();
      framesOfUnknownStreams();
      cancelsWithoutEnd();
      questionsWhoseAnswersNobodyReads();
    }
  }
}
