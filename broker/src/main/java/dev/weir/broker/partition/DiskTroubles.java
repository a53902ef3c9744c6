package dev.weir.broker.partition;

import dev.weir.core.time.Time;
import dev.weir.core.topic.TopicPartition;
import dev.weir.replication.ReplicaHealth;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which partitions do not take batches because of the disk, and why. The log is told when that
 * begins and when it ends, not by every batch in between, and of batches that can be tried again
 * not more than a few times a minute. Any thread.
 */
public final class DiskTroubles {
  private static final Logger LOG = LoggerFactory.getLogger(DiskTroubles.class);

  /** Unreadable places are told once each, as long as they are no more than these. */
  private static final int MOST_TOLD = 1_000;

  private static final int MOST_LINES_A_MINUTE = 50;

  private final Map<TopicPartition, ReplicaHealth> troubles = new ConcurrentHashMap<>();
  private final Set<String> told = ConcurrentHashMap.newKeySet();
  private final LongAdder failedReads = new LongAdder();
  private final LineBudget budget;

  public DiskTroubles(Time time) {
    this.budget = new LineBudget(MOST_LINES_A_MINUTE, time);
  }

  void onHealth(TopicPartition partition, ReplicaHealth health) {
    switch (health.state()) {
      case ONLINE -> {
        @Nullable ReplicaHealth before = troubles.remove(partition);
        if (before != null) {
          maybeTell(
              () -> LOG.info("{} takes batches again; it was {}", partition, before.describe()));
        }
      }
      case FULL, FAILING -> {
        troubles.put(partition, health);
        maybeTell(
            () ->
                LOG.warn(
                    "{} refuses batches until it can write again; {}",
                    partition,
                    health.describe()));
      }
      case OFFLINE -> {
        troubles.put(partition, health);
        LOG.error(
            "{} takes no batches until the disk is well and the broker is started again; {}",
            partition,
            health.describe());
      }
    }
  }

  private void maybeTell(Runnable line) {
    LineBudget.Room room = budget.take();
    if (room != LineBudget.Room.NONE) {
      line.run();
    }
    if (room == LineBudget.Room.LAST) {
      LOG.warn(
          "what disks do is not told any more this minute; /health/ready lists what is not well");
    }
  }

  /** A reader was refused what should be there; that a log is offline has been told already. */
  void onFailedRead(TopicPartition partition, String reason) {
    failedReads.increment();
    @Nullable ReplicaHealth health = troubles.get(partition);
    boolean known = health != null && health.state() == ReplicaHealth.State.OFFLINE;
    if (!known && told.size() < MOST_TOLD && told.add(reason)) {
      LOG.error("a reader is refused: {}", reason);
    }
  }

  /** The topic is gone. */
  void forget(String topic) {
    troubles.keySet().removeIf(partition -> partition.topic().equals(topic));
  }

  public long failedReads() {
    return failedReads.sum();
  }

  /** How many partitions are in this state. */
  public long count(ReplicaHealth.State state) {
    return troubles.values().stream().filter(health -> health.state() == state).count();
  }

  /** One line for each partition that is not well, in order of their names. */
  public List<String> lines() {
    return troubles.entrySet().stream()
        .map(entry -> entry.getKey() + " " + entry.getValue().describe())
        .sorted()
        .toList();
  }
}
