package dev.weir.broker;

import dev.weir.broker.group.GroupCoordinators;
import dev.weir.broker.partition.CleaningCounters;
import dev.weir.broker.partition.HostedPartition;
import dev.weir.broker.partition.HostedPartitions;
import dev.weir.broker.subscription.Subscriptions;
import dev.weir.core.error.WeirException;
import dev.weir.storage.RetentionClock;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reminds every partition from time to time of what its retention settings say, has those cleaned
 * that are compacted, and looks at what subscriptions wait for. Decides when, never what: that is
 * for each partition's loop.
 */
final class Housekeeping implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);
  private static final Duration FIRST_CHECK = Duration.ofSeconds(30);
  private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);

  private final HostedPartitions partitions;
  private final RetentionClock clock;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> BrokerThreads.daemon(task, "weir-housekeeping"));

  private Housekeeping(HostedPartitions partitions, RetentionClock clock) {
    this.partitions = partitions;
    this.clock = clock;
  }

  static Housekeeping start(
      HostedPartitions partitions,
      Subscriptions subscriptions,
      RetentionClock clock,
      Duration checkInterval) {
    Housekeeping housekeeping = new Housekeeping(partitions, clock);
    housekeeping.every(checkInterval, "retention could not be checked", housekeeping::check);
    var unused =
        housekeeping.thread.scheduleAtFixedRate(
            () -> run(subscriptions::look, "what subscriptions wait for could not be looked at"),
            LOOK_INTERVAL.toMillis(),
            LOOK_INTERVAL.toMillis(),
            TimeUnit.MILLISECONDS);
    return housekeeping;
  }

  /** Looks for logs to compact as often as this. */
  void compact(
      CompactionRounds.Cleaners cleaners, CleaningCounters counters, Duration checkInterval) {
    CompactionRounds rounds =
        new CompactionRounds(partitions::all, cleaners, counters, clock::nowMillis, thread);
    every(checkInterval, "logs could not be compacted", rounds::begin);
  }

  /** Forgets committed offsets that have been kept for long enough, as often as this. */
  void expireOffsets(GroupCoordinators groups, Duration checkInterval) {
    every(
        checkInterval,
        "committed offsets could not be expired",
        () -> groups.expire(clock.nowMillis()));
  }

  private void every(Duration interval, String failed, Runnable task) {
    var unused =
        thread.scheduleWithFixedDelay(
            () -> run(task, failed),
            Math.min(interval.toMillis(), FIRST_CHECK.toMillis()),
            interval.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  private static void run(Runnable task, String failed) {
    try {
      task.run();
    } catch (WeirException shuttingDown) {
      LOG.debug("{}: {}", failed, shuttingDown.getMessage());
    } catch (RuntimeException failure) {
      LOG.error("{}", failed, failure);
    }
  }

  private void check() {
    long now = clock.nowMillis();
    for (HostedPartition partition : partitions.all()) {
      partition.execute(() -> partition.replica().retain(now));
    }
  }

  @Override
  public void close() {
    thread.shutdown();
  }
}
