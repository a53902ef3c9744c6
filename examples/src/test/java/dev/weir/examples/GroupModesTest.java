package dev.weir.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.client.ConsumerControl;
import dev.weir.client.ConsumerRecord;
import dev.weir.client.ConsumerSettings;
import dev.weir.client.GroupSubscription;
import dev.weir.client.NewTopic;
import dev.weir.client.ProducerRecord;
import dev.weir.client.ProducerSettings;
import dev.weir.client.ReceiverRecord;
import dev.weir.client.Serializers;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirConsumer;
import dev.weir.core.topic.TopicPartition;
import dev.weir.testing.WeirBrokerExtension;
import dev.weir.testing.WeirTestBroker;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

@ExtendWith(WeirBrokerExtension.class)
class GroupModesTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  private final WeirTestBroker broker;
  private final WeirClient client;
  private final Queue<String> processed = new ConcurrentLinkedQueue<>();
  private String topic = "";

  GroupModesTest(WeirTestBroker broker, WeirClient client) {
    this.broker = broker;
    this.client = client;
  }

  @BeforeEach
  void sendAHundred(TestInfo test) {
    topic = test.getTestMethod().orElseThrow().getName();
    broker.createTopic(NewTopic.of(topic, 3));
    client
        .producer(ProducerSettings.of(Serializers.string(), Serializers.string()))
        .send(
            Flux.range(0, 100)
                .map(i -> ProducerRecord.<String, String, Object>of(topic, "k" + i % 7, "" + i)))
        .blockLast(SOON);
  }

  @Test
  void inOrder() {
    modes().inOrder().take(100).blockLast(SOON);

    everyRecordWasProcessedOnce();
  }

  @Test
  void sixteenAtATime() {
    modes().sixteenAtATime().take(100).blockLast(SOON);

    everyRecordWasProcessedOnce();
  }

  @Test
  void byPartition() {
    modes().byPartition().take(100).blockLast(SOON);

    everyRecordWasProcessedOnce();
  }

  @Test
  void atMostOnce() {
    modes().atMostOnce().take(100).blockLast(SOON);

    everyRecordWasProcessedOnce();
  }

  @Test
  void gated() {
    Sinks.Many<Boolean> open = Sinks.many().unicast().onBackpressureBuffer();
    Mono<ReceiverRecord<String, String>> last = modes().gated(open.asFlux()).take(100).last();
    Sinks.One<Boolean> done = Sinks.one();
    Disposable running = last.subscribe(record -> done.tryEmitValue(true));

    client // a member, and idle
        .admin()
        .describeGroup(topic)
        .filter(group -> group.partitions().size() == 3)
        .repeatWhenEmpty(asked -> asked.delayElements(Duration.ofMillis(20)))
        .onErrorResume(error -> Mono.empty())
        .repeatWhenEmpty(asked -> asked.delayElements(Duration.ofMillis(20)))
        .block(SOON);
    assertThat(processed).isEmpty();
    open.tryEmitNext(true).orThrow();

    assertThat(done.asMono().block(SOON)).isTrue();
    everyRecordWasProcessedOnce();
    running.dispose();
  }

  @Test
  void controlled() {
    ConsumerControl control = ConsumerControl.create();
    Sinks.One<Boolean> hundred = Sinks.one();
    Sinks.One<Boolean> more = Sinks.one();
    List<ReceiverRecord<String, String>> seen = new ArrayList<>();
    Disposable running =
        modes()
            .controlled(control)
            .subscribe(
                record -> {
                  seen.add(record);
                  if (seen.size() == 100) {
                    hundred.tryEmitValue(true);
                  } else if (seen.size() > 100 && seen.size() == 100 + inPartition(seen, 1)) {
                    more.tryEmitValue(true);
                  }
                });

    hundred.asMono().block(SOON);
    GroupModes.again(control, new TopicPartition(topic, 1), Instant.EPOCH).block(SOON);
    more.asMono().block(SOON);

    assertThat(seen.subList(100, seen.size()))
        .allMatch(record -> record.partition() == 1)
        .first()
        .extracting(ReceiverRecord::offset)
        .isEqualTo(0L);
    running.dispose();
  }

  @Test
  void withRetries() {
    List<String> dead = new ArrayList<>();
    GroupModes.Step poisoned =
        record ->
            "42".equals(record.value())
                ? Mono.error(new IllegalStateException("42"))
                : process(record);

    new GroupModes(consumer(), GroupSubscription.of(topic, topic), poisoned)
        .withRetries(record -> Mono.fromRunnable(() -> dead.add("" + record.value())))
        .take(100)
        .blockLast(SOON);

    assertThat(dead).containsExactly("42");
    assertThat(processed).hasSize(99).doesNotContain("42");
  }

  private static int inPartition(List<ReceiverRecord<String, String>> seen, int partition) {
    return (int)
        seen.subList(0, 100).stream().filter(record -> record.partition() == partition).count();
  }

  private void everyRecordWasProcessedOnce() {
    assertThat(processed)
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, 100).mapToObj(Integer::toString).toList());
  }

  private GroupModes modes() {
    return new GroupModes(consumer(), GroupSubscription.of(topic, topic), this::process);
  }

  private WeirConsumer<String, String> consumer() {
    return client.consumer(ConsumerSettings.of(Serializers.toStrings(), Serializers.toStrings()));
  }

  private Mono<Void> process(ConsumerRecord<String, String> record) {
    return Mono.fromRunnable(() -> processed.add("" + record.value()));
  }
}
