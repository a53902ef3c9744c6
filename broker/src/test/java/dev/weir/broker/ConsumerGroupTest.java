package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.client.ClientSettings;
import dev.weir.client.CommitSettings;
import dev.weir.client.ConsumerSettings;
import dev.weir.client.GroupDescription;
import dev.weir.client.GroupListener;
import dev.weir.client.GroupSubscription;
import dev.weir.client.NewTopic;
import dev.weir.client.ProducerRecord;
import dev.weir.client.ProducerSettings;
import dev.weir.client.ReceiverRecord;
import dev.weir.client.Serializers;
import dev.weir.client.StartingPosition;
import dev.weir.client.WeirClient;
import dev.weir.core.topic.TopicPartition;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/** Groups of the client against a broker. */
@Timeout(120)
class ConsumerGroupTest {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final int PARTITIONS = 4;

  @TempDir private Path dataDir;
  private RunningBroker broker;
  private WeirClient client;
  private final AtomicInteger produced = new AtomicInteger();

  /** One member and what it has heard and received. */
  private final class Member implements GroupListener {
    private final Set<Integer> owned = new ConcurrentSkipListSet<>();
    private final List<String> values = new CopyOnWriteArrayList<>();
    private final List<TopicPartition> lost = new CopyOnWriteArrayList<>();
    private final Disposable subscription;

    Member() {
      GroupSubscription group =
          GroupSubscription.of("g", "t")
              .withCommits(CommitSettings.defaults().withInterval(Duration.ofMillis(50)))
              .withListener(this);
      subscription =
          client
              .consumer(ConsumerSettings.of(Serializers.toStrings(), Serializers.toStrings()))
              .receive(group)
              .subscribe(this::process);
    }

    private void process(ReceiverRecord<String, String> record) {
      values.add(record.value());
      record.acknowledge();
    }

    @Override
    public void onAssigned(List<TopicPartition> partitions) {
      partitions.forEach(each -> owned.add(each.partition()));
    }

    @Override
    public void onRevoked(List<TopicPartition> partitions) {
      partitions.forEach(each -> owned.remove(each.partition()));
    }

    @Override
    public void onLost(List<TopicPartition> partitions) {
      lost.addAll(partitions);
      onRevoked(partitions);
    }
  }

  @BeforeEach
  void start() {
    broker = RunningBroker.in(dataDir);
    client = client();
    client.admin().createTopic(new NewTopic("t", PARTITIONS, 1, Map.of())).block(DEADLINE);
  }

  @AfterEach
  void stop() {
    client.close().block(DEADLINE);
    broker.close();
  }

  @Test
  void membersShareThePartitionsAndEachRecordIsProcessedOnce() {
    Member first = new Member();
    produce(400);
    until(() -> first.values.size() == 400);

    Member second = new Member();
    until(() -> first.owned.size() == 2 && second.owned.size() == 2);
    produce(400);
    until(() -> first.values.size() + second.values.size() == 800);
    assertThat(second.values).isNotEmpty();

    first.subscription.dispose();
    until(() -> second.owned.size() == PARTITIONS);
    produce(400);
    until(() -> first.values.size() + second.values.size() == 1200);

    Set<String> all = new TreeSet<>(first.values);
    all.addAll(second.values);
    assertThat(all).hasSize(1200);
    assertThat(first.lost).isEmpty();
    assertThat(second.lost).isEmpty();
    second.subscription.dispose();
    until(() -> describe().members().isEmpty());
    assertThat(describe().partitions()).allMatch(partition -> partition.lag() == 0);
  }

  @Test
  void aMemberKeepsItsPartitionsWhenTheBrokerRestarts() {
    Member member = new Member();
    produce(100);
    until(() -> member.values.size() == 100);
    int port = broker.server().rsocketAddress().getPort();

    broker.close();
    broker = RunningBroker.in(dataDir, Map.of("port", Integer.toString(port)));
    produce(100);

    until(() -> member.values.size() >= 200);
    assertThat(member.values).doesNotHaveDuplicates();
    assertThat(member.lost).isEmpty();
    until(() -> describe().partitions().stream().allMatch(partition -> partition.lag() == 0));
    member.subscription.dispose();
  }

  @Test
  void whatWasAcknowledgedOutOfOrderIsNotRepeatedToTheNextOwner() {
    produce(40);
    Flux<ReceiverRecord<String, String>> records =
        client
            .consumer(ConsumerSettings.of(Serializers.toStrings(), Serializers.toStrings()))
            .receive(GroupSubscription.of("g", "t"));
    List<String> open =
        records
            .take(40)
            .collectList()
            .map(
                all -> {
                  all.stream()
                      .filter(record -> record.offset() % 3 != 0)
                      .forEach(ReceiverRecord::acknowledge);
                  return all.stream()
                      .filter(record -> record.offset() % 3 == 0)
                      .map(ReceiverRecord::value)
                      .toList();
                })
            .block(DEADLINE);
    until(() -> describe().members().isEmpty());

    List<String> again =
        records.map(ReceiverRecord::value).take(open.size()).collectList().block(DEADLINE);

    assertThat(again).containsExactlyInAnyOrderElementsOf(open);
  }

  @Test
  void offsetsAreResetWhileNobodyIsThere() {
    produce(40);

    Map<Integer, Long> reset =
        client.admin().resetOffsets("g", "t", StartingPosition.latest()).block(DEADLINE);

    assertThat(reset).isEqualTo(Map.of(0, 10L, 1, 10L, 2, 10L, 3, 10L));
    assertThat(client.admin().committedOffsets("g", Set.of()).block(DEADLINE).values())
        .containsOnly(10L);
    assertThat(client.admin().listGroups().block(DEADLINE))
        .extracting(group -> group.group())
        .containsExactly("g");
    client.admin().deleteGroup("g").block(DEADLINE);
    assertThat(client.admin().listGroups().block(DEADLINE)).isEmpty();
  }

  private GroupDescription describe() {
    return client.admin().describeGroup("g").block(DEADLINE);
  }

  private WeirClient client() {
    return WeirClient.create(
        ClientSettings.of("127.0.0.1:" + broker.server().rsocketAddress().getPort()));
  }

  /** Records v0, v1, … to the partitions by turns. */
  private void produce(int count) {
    int first = produced.getAndAdd(count);
    var producer = client.producer(ProducerSettings.of(Serializers.string(), Serializers.string()));
    List<ProducerRecord<String, String, Integer>> records =
        IntStream.range(first, first + count)
            .mapToObj(
                i ->
                    ProducerRecord.<String, String, Integer>of("t", null, "v" + i, i)
                        .withPartition(i % PARTITIONS))
            .collect(Collectors.toList());
    assertThat(producer.send(Flux.fromIterable(records)).collectList().block(DEADLINE))
        .allMatch(result -> result.error() == null);
    producer.close().block(DEADLINE);
  }

  private static void until(Callable<Boolean> condition) {
    await().atMost(DEADLINE).until(condition);
  }
}
