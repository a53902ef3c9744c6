package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.client.ClientSettings;
import dev.weir.client.CommitSettings;
import dev.weir.client.ConsumerSettings;
import dev.weir.client.GroupListener;
import dev.weir.client.GroupSubscription;
import dev.weir.client.NewTopic;
import dev.weir.client.ProducerRecord;
import dev.weir.client.ProducerSettings;
import dev.weir.client.ReceiverRecord;
import dev.weir.client.Serializers;
import dev.weir.client.WeirClient;
import dev.weir.core.topic.TopicPartition;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/**
 * Members come and go at random while records arrive and are acknowledged late and out of order,
 * also while the broker restarts. Whatever happens: each record is processed, nobody is given a
 * partition whose records are in somebody's hands, and committed offsets never fall.
 */
@Tag("slow")
@Timeout(180)
class RebalanceStormTest {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final int PARTITIONS = 12;
  private static final int MEMBERS = 5;
  private static final int ROUNDS = 60;
  private static final int PER_ROUND = 500;

  @TempDir private Path dataDir;
  private final SplittableRandom random = new SplittableRandom(7);
  private final ScheduledExecutorService workers = Executors.newScheduledThreadPool(2);
  private final Set<String> processed = ConcurrentHashMap.newKeySet();
  private final AtomicInteger deliveries = new AtomicInteger();
  private final List<String> violations = new CopyOnWriteArrayList<>();
  private final List<Member> everybody = new CopyOnWriteArrayList<>();
  private WeirClient client;

  /** One member, who holds records for up to 30 ms. */
  private final class Member implements GroupListener {
    private final Map<Integer, AtomicInteger> inHand = new ConcurrentHashMap<>();
    private volatile boolean left;
    private final Disposable subscription;

    Member() {
      everybody.add(this);
      subscription =
          client
              .consumer(ConsumerSettings.of(Serializers.toStrings(), Serializers.toStrings()))
              .receive(
                  GroupSubscription.of("g", "t")
                      .withCommits(
                          CommitSettings.defaults()
                              .withInterval(Duration.ofMillis(20))
                              .withMaxUnacknowledged(200, 1 << 20))
                      .withListener(this))
              .subscribe(this::process, error -> violations.add("ended: " + error));
    }

    private void process(ReceiverRecord<String, String> record) {
      deliveries.incrementAndGet();
      AtomicInteger hand =
          inHand.computeIfAbsent(record.partition(), partition -> new AtomicInteger());
      hand.incrementAndGet();
      int millis = Math.floorMod(record.value().hashCode(), 30);
      var unused =
          workers.schedule(
              () -> {
                processed.add(record.value());
                hand.decrementAndGet();
                record.acknowledge();
              },
              millis,
              TimeUnit.MILLISECONDS);
    }

    void leave() {
      left = true;
      subscription.dispose();
    }

    @Override
    public void onAssigned(List<TopicPartition> partitions) {
      for (TopicPartition partition : partitions) {
        for (Member other : everybody) {
          AtomicInteger hand = other.inHand.get(partition.partition());
          if (other != this && !other.left && hand != null && hand.get() > 0) {
            violations.add(partition + " is given away while " + hand + " records are in hand");
          }
        }
      }
    }

    @Override
    public void onLost(List<TopicPartition> partitions) {
      violations.add("lost " + partitions);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5})
  void losesNothingAndNeverHasTwoOwners(int restarts) {
    RunningBroker broker = RunningBroker.in(dataDir);
    int port = broker.server().rsocketAddress().getPort();
    try {
      client = WeirClient.create(ClientSettings.of("127.0.0.1:" + port));
      client.admin().createTopic(new NewTopic("t", PARTITIONS, 1, Map.of())).block(DEADLINE);
      List<Member> members = new ArrayList<>();
      Map<TopicPartition, Long> committed = new HashMap<>();
      for (int round = 0; round < ROUNDS; round++) {
        if (members.size() < MEMBERS && (members.isEmpty() || random.nextBoolean())) {
          members.add(new Member());
        } else {
          members.remove(random.nextInt(members.size())).leave();
        }
        if (restarts > 0 && round % (ROUNDS / restarts) == 5) {
          broker.close();
          broker = RunningBroker.in(dataDir, Map.of("port", Integer.toString(port)));
        }
        produce(round * PER_ROUND);
        requireNoFall(committed);
      }
      Member last = new Member();
      members.forEach(Member::leave);
      await().atMost(DEADLINE).until(() -> processed.size() == ROUNDS * PER_ROUND);
      last.leave();
      client.close().block(DEADLINE);
      workers.shutdownNow();
    } finally {
      broker.close();
    }
    System.out.printf(
        "%d records, %d deliveries, %d members in all%n",
        processed.size(), deliveries.get(), everybody.size());
    assertThat(violations).isEmpty();
  }

  private void produce(int first) {
    var producer = client.producer(ProducerSettings.of(Serializers.string(), Serializers.string()));
    producer
        .send(
            Flux.range(first, PER_ROUND)
                .map(
                    i ->
                        ProducerRecord.<String, String, Integer>of("t", null, "v" + i, i)
                            .withPartition(i % PARTITIONS)))
        .blockLast(DEADLINE);
    producer.close().block(DEADLINE);
  }

  private void requireNoFall(Map<TopicPartition, Long> before) {
    Map<TopicPartition, Long> now = client.admin().committedOffsets("g", Set.of()).block(DEADLINE);
    before.forEach(
        (partition, offset) -> {
          if (now.getOrDefault(partition, -1L) < offset) {
            violations.add(partition + " fell from " + offset + " to " + now.get(partition));
          }
        });
    before.putAll(now);
  }
}
