package dev.weir.client;

import static org.awaitility.Awaitility.await;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.OffsetRange;
import dev.weir.core.record.Compression;
import dev.weir.core.record.RecordBatchBuilder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;

/** A broker with a topic of one partition, one of four, and a client. */
@Timeout(60)
abstract class GroupFixture {
  static final Duration DEADLINE = Duration.ofSeconds(20);
  static final Duration LONG = Duration.ofHours(1);
  private static final int PER_BATCH = 10;

  FakeBroker broker;
  FakeGroups groups;
  WeirClient client;
  WeirConsumer<String, String> consumer;
  final List<ReceiverRecord<String, String>> received = new CopyOnWriteArrayList<>();
  final ConsumerControl control = ConsumerControl.create();

  @BeforeEach
  void start() {
    broker = FakeBroker.start().withTopic("t", 1).withTopic("many", 4);
    groups = broker.groups();
    client = WeirClient.create(ClientSettings.of(broker.address()));
    consumer =
        client.consumer(ConsumerSettings.of(Serializers.toStrings(), Serializers.toStrings()));
  }

  @AfterEach
  void stop() {
    client.close().block(DEADLINE);
    broker.close();
  }

  /** Of one partition, whose commits come only when asked for. */
  GroupSubscription group() {
    return group("t");
  }

  GroupSubscription group(String topic) {
    return GroupSubscription.of("g", topic)
        .withCommits(CommitSettings.defaults().withInterval(LONG))
        .controlledBy(control);
  }

  void commit() {
    control.commit().block(DEADLINE);
  }

  PartitionProgress progress() {
    return control.progress().block(DEADLINE).get(0);
  }

  void until(Callable<Boolean> condition) {
    await().atMost(DEADLINE).until(condition);
  }

  /** Records v0, v1, … in batches of ten. */
  void fill(String topic, int partition, int count) {
    RecordBatchBuilder builder = new RecordBatchBuilder(Compression.NONE, 1024);
    for (int i = 0; i < count; i++) {
      builder.append(i, null, ("v" + i).getBytes(StandardCharsets.UTF_8), List.of());
      if (builder.recordCount() == PER_BATCH || i == count - 1) {
        broker.append(topic, partition, builder.build());
      }
    }
  }

  static List<String> texts(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "v" + i).toList();
  }

  Flux<String> values(GroupSubscription group) {
    return consumer.receive(group).doOnNext(received::add).map(ReceiverRecord::value);
  }

  void acknowledge(int... indices) {
    for (int index : indices) {
      received.get(index).acknowledge();
    }
  }

  static OffsetRange range(long first, long last) {
    return OffsetRange.newBuilder().setFirst(first).setLast(last).build();
  }

  static ErrorCode codeOf(Throwable error) {
    return error instanceof WeirException weir ? weir.code() : null;
  }
}
