package dev.weir.broker.campaign.groups;

import dev.weir.broker.process.ServerProcess;
import dev.weir.client.ClientSettings;
import dev.weir.client.NewTopic;
import dev.weir.client.WeirClient;
import dev.weir.core.error.WeirException;
import dev.weir.core.topic.TopicId;
import dev.weir.core.topic.TopicPartition;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** One run: a broker, a producer, members, the nemesis; then everything is judged. */
final class Storm {
  static final String GROUP = "storm";
  static final String TOPIC = "records";
  private static final int PARTITIONS = 48;
  private static final Map<String, String> SETTINGS = Map.of("group.grace.ms", "1000");
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int SETTLE_SECONDS = 120;

  private final Path dir;
  private final Path picture;
  private final int seconds;
  private final long seed;
  private final int restarts;
  private final Breaches breaches = new Breaches();

  /**
   * @param dir for data, histories and logs
   * @param picture to be drawn, a PNG
   */
  Storm(Path dir, Path picture, int seconds, long seed, int restarts) {
    this.dir = dir;
    this.picture = picture;
    this.seconds = seconds;
    this.seed = seed;
    this.restarts = restarts;
  }

  Verdict run() throws IOException, InterruptedException {
    try (ServerProcess broker = ServerProcess.withSettings(SETTINGS, dir);
        Nemesis nemesis = new Nemesis(dir, broker, seed, breaches)) {
      WeirClient client =
          WeirClient.create(
              ClientSettings.of(broker.address())
                  .withClientId("storm")
                  .withDeliveryTimeout(PATIENCE));
      TopicId topic =
          Objects.requireNonNull(
              client.admin().createTopic(NewTopic.of(TOPIC, PARTITIONS)).block());
      nemesis.startAll();
      await("the group", () -> exists(client));
      try (CoordinatorLog log = new CoordinatorLog(client, topic, PARTITIONS, breaches)) {
        await(
            "every member to own partitions",
            () -> log.owners().size() == Nemesis.SLOTS && log.isSettled());
        Evidence evidence = disturb(client, nemesis, log);
        Verdict verdict = new Checker(evidence, breaches).check();
        new Picture(evidence)
            .draw(
                verdict.rebalances(),
                "%d s, seed %d, %d restarts of the broker".formatted(seconds, seed, restarts),
                picture);
        return verdict;
      } finally {
        client.close().block(PATIENCE);
      }
    }
  }

  private Evidence disturb(WeirClient client, Nemesis nemesis, CoordinatorLog log)
      throws IOException, InterruptedException {
    Load load = new Load(client, PARTITIONS, breaches);
    load.start();
    long begin = System.currentTimeMillis();
    System.err.println("groups: all members are there, the faults begin");
    nemesis.run(seconds, restarts, log);
    Produced produced = load.finish();
    System.err.printf(
        "groups: %,d records acknowledged; they come to their end%n", produced.total());
    try {
      await("all records to be committed", () -> isDone(client, produced));
    } catch (IOException late) {
      breaches.add(Breach.STALLED, late.getMessage() + ": " + committed(client));
    }
    nemesis.finish();
    return new Evidence(
        PARTITIONS,
        begin,
        nemesis.histories(),
        log.changes(),
        log.commits(),
        produced,
        nemesis.faults(),
        committed(client));
  }

  private static boolean exists(WeirClient client) {
    try {
      return !Objects.requireNonNull(client.admin().describeGroup(GROUP).block())
          .members()
          .isEmpty();
    } catch (WeirException notYet) {
      return false;
    }
  }

  private static boolean isDone(WeirClient client, Produced produced) {
    Map<Integer, Long> committed = committed(client);
    for (int partition = 0; partition < PARTITIONS; partition++) {
      if (committed.getOrDefault(partition, 0L) < produced.end(partition)) {
        return false;
      }
    }
    return true;
  }

  private static Map<Integer, Long> committed(WeirClient client) {
    Map<TopicPartition, Long> offsets =
        Objects.requireNonNull(client.admin().committedOffsets(GROUP, Set.of()).block());
    Map<Integer, Long> committed = new HashMap<>();
    offsets.forEach((partition, offset) -> committed.put(partition.partition(), offset));
    return committed;
  }

  private static void await(String what, BooleanSupplier done) throws IOException {
    long end = System.nanoTime() + Duration.ofSeconds(SETTLE_SECONDS).toNanos();
    while (!done.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new IOException("waited %d s for %s".formatted(SETTLE_SECONDS, what));
      }
      Nemesis.sleep(100);
    }
  }
}
