package dev.weir.broker.partition;

import dev.weir.core.loop.PartitionLoop;
import dev.weir.core.time.Time;
import dev.weir.core.topic.TopicPartition;
import dev.weir.metadata.PartitionImage;
import dev.weir.metadata.TopicImage;
import dev.weir.replication.Replica;
import dev.weir.replication.ReplicaHealth;
import dev.weir.storage.OpenedLog;
import dev.weir.storage.PartitionLog;
import dev.weir.storage.disk.LogFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens one partition: recovers its log on a recovery thread, then hands it to its loop. */
public final class PartitionOpener {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionOpener.class);

  private final PartitionDirectories directories;
  private final LogFiles files;
  private final Time time;
  private final PartitionLoops loops;
  private final Executor recovery;
  private final Executor flush;
  private final Observers observers;

  public PartitionOpener(
      Path dataDir, LogFiles files, Time time, Executors executors, Observers observers) {
    this.directories = new PartitionDirectories(dataDir, files);
    this.files = files;
    this.time = time;
    this.loops = executors.loops();
    this.recovery = executors.recovery();
    this.flush = executors.flush();
    this.observers = observers;
  }

  /** The threads partitions are opened on and live on. */
  public record Executors(PartitionLoops loops, Executor recovery, Executor flush) {}

  /** What is told of all partitions. */
  public record Observers(AppendCounters appends, DiskTroubles troubles) {}

  CompletableFuture<HostedPartition> open(
      TopicImage topic, PartitionImage partition, TopicConfig config) {
    TopicPartition name = new TopicPartition(topic.name(), partition.partition());
    PartitionLoop loop = loops.next();
    CompletableFuture<HostedPartition> opened = new CompletableFuture<>();
    recovery.execute(
        () ->
            attempt(
                opened,
                () -> {
                  PartitionLog log = openLog(name, topic, config);
                  Replica replica =
                      new Replica(name, loop, log, partition.leaderEpoch(), config.replica());
                  loop.execute(
                      () ->
                          attempt(
                              opened,
                              () -> {
                                replica.start(
                                    flush, health -> observers.troubles().onHealth(name, health));
                                opened.complete(
                                    new HostedPartition(
                                        name,
                                        topic.id(),
                                        config,
                                        replica,
                                        new HostedPartition.Shared(loop, observers, time)));
                              }));
                }));
    return opened.whenComplete(
        (open, failure) -> {
          if (failure != null) {
            observers
                .troubles()
                .onHealth(
                    name,
                    new ReplicaHealth(
                        ReplicaHealth.State.OFFLINE,
                        "it could not be opened: " + reasonOf(failure)));
          }
        });
  }

  /** The partitions of the topic are gone. */
  void forget(String topic) {
    observers.troubles().forget(topic);
  }

  private static String reasonOf(Throwable failure) {
    Throwable reason =
        failure instanceof UncheckedIOException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return reason instanceof FileSystemException ? reason.toString() : reason.getMessage() + "";
  }

  private interface Step {
    void run() throws IOException;
  }

  private static void attempt(CompletableFuture<HostedPartition> opened, Step step) {
    try {
      step.run();
    } catch (IOException e) {
      opened.completeExceptionally(new UncheckedIOException(e));
    } catch (RuntimeException | Error e) {
      opened.completeExceptionally(e);
    }
  }

  private PartitionLog openLog(TopicPartition name, TopicImage topic, TopicConfig config)
      throws IOException {
    Path dir = directories.prepare(name, topic.id());
    OpenedLog opened = PartitionLog.open(name, dir, config.log(), files, time);
    String detail = opened.report().detail();
    switch (opened.report().recoveryCase()) {
      case NEW, CLEAN -> LOG.debug("{}: {}", name, detail);
      case WHOLE -> LOG.info("{}: {}", name, detail);
      case TORN_TAIL -> LOG.warn("{}: {}", name, detail);
      case DAMAGED -> LOG.debug("{}: {}", name, detail); // told when the replica starts
    }
    return opened.log();
  }
}
