package dev.weir.broker.group;

import dev.weir.broker.control.ReplicaPlacement;
import dev.weir.broker.partition.HostedPartitions;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.topic.TopicId;
import dev.weir.core.topic.TopicNames;
import dev.weir.metadata.ClusterImage;
import dev.weir.metadata.MetadataCommand.CreateTopic;
import dev.weir.metadata.MetadataResult;
import dev.weir.metadata.MetadataStore;
import dev.weir.metadata.TopicImage;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The topic where groups are kept, made when it is needed first. Any thread. */
final class OffsetsTopic {
  private static final int REPLICAS = 3;
  private static final Map<String, String> CONFIG =
      Map.of("cleanup.policy", "compact", "segment.bytes", Integer.toString(100 << 20));

  private final MetadataStore store;
  private final HostedPartitions partitions;
  private final int partitionCount;
  private final int maxPartitions;

  OffsetsTopic(
      MetadataStore store, HostedPartitions partitions, int partitionCount, int maxPartitions) {
    this.store = store;
    this.partitions = partitions;
    this.partitionCount = partitionCount;
    this.maxPartitions = maxPartitions;
  }

  @Nullable TopicImage find() {
    return store.images().current().topic(TopicNames.CONSUMER_OFFSETS);
  }

  /** Completes when its partitions are open here. Somebody else may make it at the same time. */
  CompletionStage<TopicImage> require() {
    TopicImage there = find();
    if (there != null) {
      return CompletableFuture.completedStage(there);
    }
    if (partitions.count() + partitionCount > maxPartitions) {
      return CompletableFuture.failedStage(
          new WeirException(
              ErrorCode.OVERLOADED,
              "%s needs %d partitions and this broker has %d of its %d already (partitions.max)"
                  .formatted(
                      TopicNames.CONSUMER_OFFSETS,
                      partitionCount,
                      partitions.count(),
                      maxPartitions)));
    }
    ClusterImage image = store.images().current();
    int factor = Math.min(REPLICAS, image.brokers().size());
    CreateTopic command =
        new CreateTopic(
            TopicNames.CONSUMER_OFFSETS,
            TopicId.of(UUID.randomUUID()),
            ReplicaPlacement.spread(partitionCount, factor, image),
            CONFIG);
    return store
        .submit(command)
        .thenCompose(
            result -> {
              requireMade(result);
              TopicImage made = Objects.requireNonNull(find());
              return partitions.whenOpen(made.id()).thenApply(open -> made);
            });
  }

  private static void requireMade(MetadataResult result) {
    if (result instanceof MetadataResult.Refused refused
        && refused.code() != ErrorCode.TOPIC_EXISTS) {
      throw new WeirException(refused.code(), refused.message());
    }
  }
}
