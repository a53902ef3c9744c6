package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.protocol.AlterTopicRequest;
import dev.weir.core.protocol.AlterTopicResponse;
import dev.weir.core.protocol.DeleteTopicRequest;
import dev.weir.core.protocol.DeleteTopicResponse;
import dev.weir.core.protocol.FetchRequest;
import dev.weir.core.protocol.ListOffsetsRequest;
import dev.weir.core.protocol.ListOffsetsResponse;
import dev.weir.core.protocol.ProduceResult;
import dev.weir.storage.KafkaDump;
import io.rsocket.Payload;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import reactor.core.publisher.Mono;

/** Compaction as a client sees it. */
class CompactionTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String LONG = "-".repeat(700);

  @TempDir private Path dataDir;
  private RunningBroker broker;
  private PlainClient client;
  private LibraryLevel weir;

  @BeforeEach
  void start() {
    start(Map.of());
  }

  private void start(Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(settings);
    all.put("log.cleaner.backoff.ms", "20");
    all.put("retention.check.interval.ms", "20");
    broker = RunningBroker.in(dataDir, all);
    client = broker.connect();
    weir = new LibraryLevel(client);
  }

  @AfterEach
  void stop() {
    client.close();
    broker.close();
  }

  @Test
  void aReaderFromTheStartSeesTheLastValueOfEachKeyAtItsOffset() {
    ByteString topic = create("cleanup.policy", "compact");
    for (int i = 0; i < 40; i++) {
      assertThat(produce(topic, "k" + i % 4, i + LONG).getBaseOffset()).isEqualTo(i);
    }
    produce(topic, "k3", null);
    produce(topic, "end", "41" + LONG);
    produce(topic, "end", "42" + LONG);
    List<String> records = until(() -> subscribed(42), each -> each.size() == 6);
    assertThat(records)
        .containsExactly("36:k0", "37:k1", "38:k2", "40:k3 is deleted", "41:end", "42:end");
    assertThat(weir.fetch(topic, 5).flatMapIterable(LibraryLevel.Frame::values).blockFirst(SOON))
        .as("from an offset that is gone")
        .startsWith("36-");
    stop();
    start();
    assertThat(subscribed(42)).isEqualTo(records);
    assertThat(produce(topic, "end", "43").getBaseOffset()).isEqualTo(43);
  }

  @Test
  void aReaderInTheMiddleIsNotDisturbed() throws Exception {
    ByteString topic = create("cleanup.policy", "compact");
    for (int i = 0; i < 60; i++) {
      produce(topic, "k" + i % 3, i + LONG);
    }
    FetchRequest small =
        FetchRequest.newBuilder()
            .setTopicId(topic)
            .setLeaderEpoch(-1)
            .setMaxFrameBytes(1024)
            .build();
    Iterator<LibraryLevel.Frame> frames = weir.fetch(small).toIterable(1).iterator();
    List<String> values = new ArrayList<>();
    while (values.isEmpty()) {
      values.addAll(frames.next().values());
    }
    until(() -> meter("weir_cleaner_removed_bytes_total"), removed -> removed > 0);
    until(() -> meter("weir_cleaner_dirty_bytes"), dirty -> dirty == 0);
    long next = 0;
    while (!values.get(values.size() - 1).startsWith("59-")) {
      LibraryLevel.Frame frame = frames.next();
      assertThat(frame.header().getNextOffset()).isGreaterThanOrEqualTo(next);
      next = frame.header().getNextOffset();
      values.addAll(frame.values());
    }
    List<Integer> numbers =
        values.stream()
            .map(value -> Integer.parseInt(value.substring(0, value.indexOf('-'))))
            .toList();
    assertThat(numbers).isSorted().doesNotHaveDuplicates().endsWith(57, 58, 59);
  }

  @Test
  void recordsWithoutAKeyAreRefusedAndThePolicyCanChange() {
    ByteString topic = create("cleanup.policy", "compact");
    ProduceResult refused = weir.produce(topic, Batches.of("no key", "none either"));
    assertThat(refused.getError()).isEqualTo(ErrorCode.INVALID_RECORD.number());
    assertThat(refused.getErrorMessage()).contains("record 0 of the batch").contains("has no key");
    List<Mono<String>> together = new ArrayList<>();
    for (String record : List.of("{\"key\":\"a\"}", "{}", "{\"key\":\"b\"}")) {
      together.add(
          client
              .rsocket()
              .requestResponse(PlainClient.record("topics.t.produce", record, "x"))
              .map(Payload::getDataUtf8)
              .onErrorResume(failure -> Mono.just(String.valueOf(failure.getMessage()))));
    }
    List<String> results =
        Mono.zip(together, each -> List.of(each).stream().map(String.class::cast).toList())
            .block(SOON);
    assertThat(results).hasSize(3);
    assertThat(results.get(0)).contains("offset");
    assertThat(results.get(1)).contains("the record for t-0 has no key");
    assertThat(results.get(2)).contains("offset");

    alter("cleanup.policy", "delete");
    until(() -> weir.produce(topic, Batches.of("no key" + LONG)), CompactionTest::isStored);
    for (int i = 0; i < 8; i++) {
      produce(topic, "k", i + LONG);
    }
    alter("cleanup.policy", "compact");
    List<String> left = until(() -> subscribed(10), each -> each.size() == 4);
    assertThat(left).containsExactly("0:a", "1:b", "9:k", "10:k");
  }

  @Test
  void bothPoliciesTogether() {
    ByteString topic = create("cleanup.policy", "compact,delete", "retention.bytes", "2500");
    for (int i = 0; i < 20; i++) {
      produce(topic, i % 2 == 0 ? "same" : "k" + i, i + LONG);
    }
    Long start = until(() -> earliest(topic), each -> each > 10);
    assertThat(start).isLessThan(20);
    assertThat(until(() -> subscribed(19), each -> !each.contains("16:same")))
        .endsWith("19:k19")
        .doesNotContain("14:same", "16:same");
  }

  @Test
  void aSlowCleaningHoldsUpNeitherTheDeletionOfItsTopicNorTheShutdown() throws Exception {
    stop();
    start(Map.of("log.cleaner.io.max.bytes.per.second", "500"));
    ByteString topic = create("cleanup.policy", "compact");
    for (int i = 0; i < 40; i++) {
      produce(topic, "k", i + LONG);
    }
    until(() -> meter("weir_cleaner_throttled_seconds_total"), seconds -> seconds > 0.01);
    weir.ask(
        "admin.topics.delete",
        DeleteTopicRequest.newBuilder().setName("t").build(),
        DeleteTopicResponse.parser());
    until(() -> logs(), List::isEmpty);

    topic = create("cleanup.policy", "compact");
    for (int i = 0; i < 40; i++) {
      produce(topic, "k", i + LONG);
    }
    double waited = meter("weir_cleaner_throttled_seconds_total");
    until(() -> meter("weir_cleaner_throttled_seconds_total"), seconds -> seconds > waited + 0.01);
    long began = System.nanoTime();
    stop();
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(8));
    start();
    until(() -> subscribed(39), each -> each.size() == 2);
  }

  @Test
  @ResourceLock(Resources.SYSTEM_OUT)
  @ResourceLock(Resources.SYSTEM_ERR)
  void kafkasOwnToolFindsNothingWrongInWhatIsLeft() throws IOException {
    ByteString topic = create("cleanup.policy", "compact", "index.interval.bytes", "100");
    for (int i = 0; i < 90; i++) {
      String value = i % 13 == 0 ? null : i + "-".repeat(90);
      byte[] batch = Batches.keyed(40 + i % 2, i / 2, "k" + i % 20, value);
      assertThat(isStored(weir.produce(topic, batch))).isTrue();
    }
    until(() -> meter("weir_cleaner_removed_bytes_total"), removed -> removed > 5_000);
    until(() -> meter("weir_cleaner_dirty_bytes"), dirty -> dirty == 0);
    int left = subscribed(89).size();
    stop();
    String logs = KafkaDump.dump("--deep-iteration", files(".log"));
    assertThat(left).isBetween(20, 60);
    assertThat(KafkaDump.occurrences("\\| offset: \\d+", logs)).isEqualTo(left);
    String indexes = KafkaDump.dump("--deep-iteration", files(".index"));
    assertThat(KafkaDump.occurrences("offset: \\d+ position: \\d+", indexes)).isGreaterThan(5);
    String times = KafkaDump.dump("--deep-iteration", files(".timeindex"));
    assertThat(KafkaDump.occurrences("timestamp: \\d+ offset: \\d+", times)).isGreaterThan(2);
    String snapshots = KafkaDump.dump("--deep-iteration", files(".snapshot"));
    assertThat(KafkaDump.occurrences("producerId: 4[01] ", snapshots)).isGreaterThanOrEqualTo(2);
    start(); // for the end of the test
  }

  private List<Path> files(String suffix) throws IOException {
    try (var files = Files.list(dataDir.resolve("t-0"))) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    }
  }

  private ByteString create(String... config) {
    List<String> all =
        new ArrayList<>(List.of("segment.bytes", "1024", "min.cleanable.dirty.ratio", "0"));
    all.addAll(List.of(config));
    return weir.createTopic("t", 1, all.toArray(String[]::new));
  }

  private void alter(String name, String value) {
    weir.ask(
        "admin.topics.alter",
        AlterTopicRequest.newBuilder().setName("t").putSet(name, value).build(),
        AlterTopicResponse.parser());
  }

  private ProduceResult produce(ByteString topic, String key, @Nullable String value) {
    ProduceResult result = weir.produce(topic, Batches.keyed(key, value));
    assertThat(isStored(result)).as(result.getErrorMessage()).isTrue();
    return result;
  }

  private static boolean isStored(ProduceResult result) {
    return result.getError() == 0;
  }

  private long earliest(ByteString topic) {
    return weir.ask(
            "offsets.list",
            ListOffsetsRequest.newBuilder().setTopicId(topic).setEarliest(true).build(),
            ListOffsetsResponse.parser())
        .getOffset();
  }

  /** Offset and key of all records up to an offset. */
  private List<String> subscribed(long lastOffset) {
    return client
        .rsocket()
        .requestStream(PlainClient.payload("topics.t.subscribe", "{\"from\":\"earliest\"}"))
        .map(CompactionTest::record)
        .takeUntil(record -> record.startsWith(lastOffset + ":"))
        .collectList()
        .block(SOON);
  }

  private static String record(Payload payload) {
    String json = PlainClient.recordJson(payload);
    String offset = json.replaceFirst(".*\"offset\":(\\d+).*", "$1");
    String key = json.replaceFirst(".*\"key\":\"([^\"]*)\".*", "$1");
    return offset + ":" + key + (json.contains("\"tombstone\":true") ? " is deleted" : "");
  }

  private List<String> logs() throws IOException {
    try (var files = Files.list(dataDir)) {
      return files
          .map(Path::getFileName)
          .map(Path::toString)
          .filter(n -> n.startsWith("t-"))
          .toList();
    }
  }

  private double meter(String name) throws IOException, InterruptedException {
    URI metrics =
        URI.create("http://127.0.0.1:" + broker.server().httpAddress().getPort() + "/metrics");
    String page =
        HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
            .body();
    return page.lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + name + " in " + page));
  }

  private static <T> T until(Callable<T> question, Predicate<T> answer) {
    long deadline = System.nanoTime() + SOON.toNanos();
    try {
      T found = question.call();
      while (!answer.test(found)) {
        assertThat(System.nanoTime()).as("in time; so far: " + found).isLessThan(deadline);
        found = question.call();
      }
      return found;
    } catch (Exception e) {
      throw new AssertionError("no answer", e);
    }
  }
}
