package dev.weir.broker.hostile;

import com.google.protobuf.ByteString;
import dev.weir.broker.PlainClient;
import io.rsocket.Payload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/** The broker as its attackers see it, and an honest connection for what an attack needs there. */
final class Target implements AutoCloseable {
  static final Duration SOON = Duration.ofSeconds(20);

  /** Records to read for those who do not: more than all memory there is. */
  static final String BIG = "big";

  static final int BIG_RECORD_BYTES = 500_000;
  private static final int BIG_RECORDS = 150;
  private static final String ATTACKER = "127.0.0.66";
  private static final Pattern TOPIC_ID = Pattern.compile("\"topicId\":\"([^\"]+)\"");

  private final SmallBroker broker;
  private final Path data;
  private final PlainClient honest;
  private final ByteString bigTopic;
  private final Queue<RawClient> attackers = new ConcurrentLinkedQueue<>();
  private @Nullable Gauges gauges;

  Target(SmallBroker broker, Path data) {
    this.broker = broker;
    this.data = data;
    honest = PlainClient.connect(broker.port(), RawClient.JSON);
    bigTopic = createTopic(BIG, 1, "");
    produce(BIG, BIG_RECORDS, BIG_RECORD_BYTES);
    // Their files are open from the start, and so count among those that are not the attack's.
    createTopic(LyingBatches.TOPIC, 1, "");
    createTopic(Unread.KEPT, 1, Unread.KEPT_CONFIG);
    createTopic(Bystanders.TOPIC, 1, "");
    createTopic(Bombs.PACKED, 1, "");
    createTopic(Bombs.TOPIC, Bombs.PARTITIONS, "");
  }

  /** Something that the broker can be asked for, or a connection it closes. */
  interface Step {
    void run() throws IOException;
  }

  /** Ends when the broker has closed the connection, if not before. */
  static void untilClosed(Step step) {
    try {
      step.run();
    } catch (IOException closed) {
      // What came before is told by the reading side.
    }
  }

  void watchedBy(Gauges each) {
    gauges = each;
  }

  /** While an attack holds most. */
  void look() throws Exception {
    if (gauges != null) {
      gauges.look();
    }
  }

  SmallBroker broker() {
    return broker;
  }

  PlainClient honest() {
    return honest;
  }

  ByteString bigTopic() {
    return bigTopic;
  }

  RawClient attacker() throws IOException {
    return opened(new RawClient(broker.port(), ATTACKER));
  }

  private RawClient opened(RawClient client) {
    attackers.add(client);
    return client;
  }

  /** Whatever they are doing. */
  void closeAttackers() throws IOException {
    for (RawClient each = attackers.poll(); each != null; each = attackers.poll()) {
      each.close();
    }
  }

  /** One of many addresses. */
  RawClient attacker(int number) throws IOException {
    int host = number % 60_000;
    return opened(new RawClient(broker.port(), "127.1." + (host >> 8) + "." + ((host & 0xff) | 1)));
  }

  /** At the HTTP port. */
  RawClient httpAttacker() throws IOException {
    return opened(new RawClient(broker.httpPort(), ATTACKER));
  }

  List<RawClient> members(int count) throws IOException {
    List<RawClient> members = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      members.add(attacker().setup());
    }
    return members;
  }

  /**
   * Creates it, or finds it.
   *
   * @param config JSON, empty or such as {@code "a":"1"}
   */
  ByteString createTopic(String name, int partitions, String config) {
    String asked =
        "{\"name\":\"%s\",\"partitions\":%d,\"config\":{%s}}".formatted(name, partitions, config);
    String answer =
        honest
            .rsocket()
            .requestResponse(PlainClient.payload("admin.topics.create", asked))
            .onErrorResume(
                exists ->
                    honest
                        .rsocket()
                        .requestResponse(
                            PlainClient.payload(
                                "admin.topics.describe", "{\"name\":\"" + name + "\"}")))
            .map(Payload::getDataUtf8)
            .block(SOON);
    Matcher id = TOPIC_ID.matcher(String.valueOf(answer));
    if (!id.find()) {
      throw new AssertionError(answer);
    }
    return ByteString.copyFrom(Base64.getDecoder().decode(id.group(1)));
  }

  /** Records of so many bytes each, one a batch. */
  void produce(String topic, int records, int bytes) {
    String value = "b".repeat(bytes);
    honest
        .rsocket()
        .requestChannel(
            Flux.range(0, records)
                .map(i -> PlainClient.payload("topics." + topic + ".produce", value)))
        .doOnNext(Payload::release)
        .blockLast(SOON.multipliedBy(3));
  }

  /** Segments of a topic's first partition that are on the disk. */
  long segments(String topic) throws IOException {
    try (Stream<Path> files = Files.list(data.resolve(topic + "-0"))) {
      return files.filter(file -> file.toString().endsWith(".log")).count();
    }
  }

  @Override
  public void close() {
    honest.close();
  }
}
