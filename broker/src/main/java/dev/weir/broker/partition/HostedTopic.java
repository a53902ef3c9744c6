package dev.weir.broker.partition;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.topic.TopicPartition;
import dev.weir.metadata.TopicImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A topic's partitions on this broker, open or being opened. Changed by the thread that follows the
 * cluster's images; found from anywhere.
 */
final class HostedTopic {
  private static final Logger LOG = LoggerFactory.getLogger(HostedTopic.class);

  private final String name;
  private final List<CompletableFuture<HostedPartition>> partitions;
  private long version; // of the settings the partitions have

  HostedTopic(String name, List<CompletableFuture<HostedPartition>> partitions, long version) {
    this.name = name;
    this.partitions = List.copyOf(partitions);
    this.version = version;
  }

  String name() {
    return name;
  }

  int partitionCount() {
    return partitions.size();
  }

  /** Gives every partition the settings that the image has, if they have changed. */
  void maybeReconfigure(TopicImage image, Map<String, String> defaults) {
    if (image.version() == version) {
      return;
    }
    version = image.version();
    try {
      TopicConfig config = TopicConfig.resolve(defaults, image.config());
      for (CompletableFuture<HostedPartition> partition : partitions) {
        var unused = partition.thenAccept(open -> open.execute(() -> open.reconfigure(config)));
      }
    } catch (WeirException e) {
      LOG.error("topic {} keeps its settings: {}", name, e.getMessage());
    }
  }

  HostedPartition partition(int number) {
    if (number < 0 || number >= partitions.size()) {
      throw new WeirException(
          ErrorCode.UNKNOWN_PARTITION,
          "topic '%s' has %d partitions, not a partition %d"
              .formatted(name, partitions.size(), number));
    }
    try {
      @Nullable HostedPartition open = partitions.get(number).getNow(null);
      if (open != null) {
        return open;
      }
      throw new WeirException(
          ErrorCode.NOT_LEADER,
          "partition " + new TopicPartition(name, number) + " is still being opened");
    } catch (CompletionException e) {
      throw notOpened(number, e);
    }
  }

  private WeirException notOpened(int number, CompletionException failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    return new WeirException(
        ErrorCode.STORAGE_OFFLINE,
        "partition %s could not be opened: %s"
            .formatted(new TopicPartition(name, number), cause.getMessage()),
        failure);
  }

  /** Completes when each partition has been opened or has failed to; fails when one has. */
  CompletableFuture<Void> whenOpen() {
    return whenSettled().thenRun(this::requireOpen);
  }

  private void requireOpen() {
    for (int number = 0; number < partitions.size(); number++) {
      try {
        partitions.get(number).join();
      } catch (CompletionException e) {
        throw notOpened(number, e);
      }
    }
  }

  /** Completes when each partition has been opened or has failed to; never fails. */
  CompletableFuture<Void> whenSettled() {
    return CompletableFuture.allOf(partitions.toArray(CompletableFuture[]::new))
        .exceptionally(
            failure -> {
              LOG.error("topic {} could not be opened completely", name, failure);
              return null;
            });
  }

  List<HostedPartition> open() {
    List<HostedPartition> open = new ArrayList<>();
    for (CompletableFuture<HostedPartition> partition : partitions) {
      if (partition.isDone() && !partition.isCompletedExceptionally()) {
        open.add(partition.join());
      }
    }
    return open;
  }

  /** Completes when the directories are gone; never fails. */
  CompletableFuture<Void> delete() {
    return whenSettled()
        .thenCompose(
            ignored ->
                each(
                    open(),
                    partition -> {
                      partition.enter(HostedPartition.State.DELETED);
                      return partition.replica().delete(UUID.randomUUID());
                    }));
  }

  /** Does it in the loop of each; completes when all are done. Failures are logged. */
  static CompletableFuture<Void> each(
      List<HostedPartition> partitions, Function<HostedPartition, CompletionStage<Void>> action) {
    List<CompletableFuture<Void>> done = new ArrayList<>(partitions.size());
    for (HostedPartition partition : partitions) {
      CompletableFuture<Void> one = new CompletableFuture<>();
      done.add(one);
      partition.execute(
          () ->
              action
                  .apply(partition)
                  .whenComplete(
                      (ignored, failure) -> {
                        if (failure != null) {
                          LOG.error("partition {} was not closed cleanly", partition, failure);
                        }
                        one.complete(null);
                      }));
    }
    return CompletableFuture.allOf(done.toArray(CompletableFuture[]::new));
  }
}
