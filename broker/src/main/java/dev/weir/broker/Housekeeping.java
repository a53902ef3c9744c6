package dev.weir.broker;

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
 * Reminds every partition from time to time of what its retention settings say, and looks at what
 * subscriptions wait for. Decides when, never what: that is for each partition's loop.
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
    long interval = checkInterval.toMillis();
    var unusedChecks =
        housekeeping.thread.scheduleWithFixedDelay(
            housekeeping::check,
            Math.min(interval, FIRST_CHECK.toMillis()),
            interval,
            TimeUnit.MILLISECONDS);
    var unusedLooks =
        housekeeping.thread.scheduleAtFixedRate(
            () -> look(subscriptions),
            LOOK_INTERVAL.toMillis(),
            LOOK_INTERVAL.toMillis(),
            TimeUnit.MILLISECONDS);
    return housekeeping;
  }

  private static void look(Subscriptions subscriptions) {
    try {
      subscriptions.look();
    } catch (RuntimeException failure) {
      LOG.error("what subscriptions wait for could not be looked at", failure);
    }
  }

  private void check() {
    try {
      long now = clock.nowMillis();
      for (HostedPartition partition : partitions.all()) {
        partition.execute(() -> partition.replica().retain(now));
      }
    } catch (WeirException shuttingDown) {
      LOG.debug("retention was not checked: {}", shuttingDown.getMessage());
    } catch (RuntimeException failure) {
      LOG.error("retention could not be checked", failure);
    }
  }

  @Override
  public void close() {
    thread.shutdown();
  }
}
