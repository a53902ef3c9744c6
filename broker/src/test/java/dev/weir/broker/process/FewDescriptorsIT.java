package dev.weir.broker.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.client.Assignment;
import dev.weir.client.ClientSettings;
import dev.weir.client.ConsumerRecord;
import dev.weir.client.ConsumerSettings;
import dev.weir.client.NewTopic;
import dev.weir.client.ProducerRecord;
import dev.weir.client.ProducerSettings;
import dev.weir.client.SendResult;
import dev.weir.client.Serializers;
import dev.weir.client.StartingPosition;
import dev.weir.client.WeirClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

/** Far more partitions than descriptors: everything works, slower, also when sockets take them. */
@Tag("slow")
class FewDescriptorsIT {
  private static final int DESCRIPTORS = 256;
  private static final int PARTITIONS = 1_000;
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int STRANGERS = 120; // below strangers.address.max

  @TempDir private Path dir;
  private ServerProcess broker;
  private WeirClient client;

  @BeforeEach
  void start() throws IOException {
    broker = ServerProcess.withDescriptors(DESCRIPTORS, dir);
    client = connect();
    client.admin().createTopic(NewTopic.of("many", PARTITIONS)).block(LIMIT);
  }

  @AfterEach
  void stop() {
    client.close().block(LIMIT);
    broker.close();
  }

  @Test
  void servesEveryPartition() throws IOException {
    for (String value : List.of("first", "second")) {
      assertThat(send(value)).hasSize(PARTITIONS).noneMatch(SendResult::isError);
    }
    assertThat(openFiles()).isLessThanOrEqualTo(DESCRIPTORS);
    assertThat(valuesByPartition())
        .hasSize(PARTITIONS)
        .allSatisfy((partition, values) -> assertThat(values).containsExactly("first", "second"));
    broker.killAndRestart();
    assertThat(valuesByPartition())
        .hasSize(PARTITIONS)
        .allSatisfy((partition, values) -> assertThat(values).containsExactly("first", "second"));
    everyPartitionIsOnline();
  }

  @Test
  void waitsQuietlyWhileSocketsTakeAllDescriptors() throws IOException, InterruptedException {
    assertThat(send("before")).noneMatch(SendResult::isError);
    List<Socket> strangers = new ArrayList<>();
    try {
      InetAddress address = InetAddress.getLoopbackAddress();
      for (int i = 0; i < STRANGERS; i++) {
        strangers.add(new Socket(address, Integer.parseInt(broker.port())));
      }
      await().atMost(LIMIT).until(() -> openFiles() >= DESCRIPTORS - 2);
      double before = cpuSeconds();
      TimeUnit.SECONDS.sleep(2);
      assertThat(cpuSeconds() - before)
          .describedAs("processor seconds while it can accept nobody for 2 s")
          .isLessThan(1);
    } finally {
      for (Socket each : strangers) {
        each.close();
      }
    }
    assertThat(send("after")).noneMatch(SendResult::isError);
    WeirClient late = connect();
    assertThat(late.admin().describeTopic("many").block(LIMIT)).isNotNull();
    late.close().block(LIMIT);
    assertThat(valuesByPartition())
        .hasSize(PARTITIONS)
        .allSatisfy((partition, values) -> assertThat(values).containsExactly("before", "after"));
    everyPartitionIsOnline();
  }

  private void everyPartitionIsOnline() throws IOException {
    assertThat(
            Objects.requireNonNull(client.admin().describeTopic("many").block(LIMIT)).partitions())
        .hasSize(PARTITIONS)
        .allMatch(partition -> partition.state().equals("online"));
    assertThat(broker.process().isAlive()).isTrue();
    assertThat(broker.process().err()).doesNotContain("OutOfMemoryError");
  }

  private WeirClient connect() {
    return WeirClient.create(
        ClientSettings.of(broker.address()).withConnectTimeout(LIMIT).withRequestTimeout(LIMIT));
  }

  /** One record to each partition. */
  private List<SendResult<Integer>> send(String value) {
    List<ProducerRecord<String, String, Integer>> records = new ArrayList<>();
    for (int i = 0; i < PARTITIONS; i++) {
      records.add(
          ProducerRecord.<String, String, Integer>of("many", null, value, i).withPartition(i));
    }
    return Objects.requireNonNull(
        client
            .producer(ProducerSettings.of(Serializers.string(), Serializers.string()))
            .send(Flux.fromIterable(records))
            .collectList()
            .block(LIMIT));
  }

  private Map<Integer, List<String>> valuesByPartition() {
    List<ConsumerRecord<String, String>> records =
        Objects.requireNonNull(
            client
                .consumer(ConsumerSettings.of(Serializers.toStrings(), Serializers.toStrings()))
                .receive(Assignment.topic("many", StartingPosition.earliest()).toEnd())
                .collectList()
                .block(LIMIT));
    return records.stream()
        .collect(
            Collectors.groupingBy(
                ConsumerRecord::partition,
                Collectors.mapping(
                    record -> Objects.requireNonNull(record.value()), Collectors.toList())));
  }

  private long openFiles() throws IOException {
    try (Stream<Path> open = Files.list(proc("fd"))) {
      return open.count();
    }
  }

  /** Of the broker's process, in all. */
  private double cpuSeconds() throws IOException {
    String stat = Files.readString(proc("stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
  }

  private Path proc(String file) {
    return Path.of("/proc/" + broker.process().pid() + "/" + file);
  }
}
