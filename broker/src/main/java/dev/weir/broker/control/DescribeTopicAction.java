package dev.weir.broker.control;

import com.google.protobuf.Message;
import dev.weir.broker.partition.HostedPartitions;
import dev.weir.broker.partition.TopicConfig;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.DescribeTopicRequest;
import dev.weir.core.protocol.DescribeTopicResponse;
import dev.weir.core.protocol.PartitionStatus;
import dev.weir.metadata.ClusterImages;
import dev.weir.metadata.PartitionImage;
import dev.weir.metadata.TopicImage;
import dev.weir.replication.Replica;
import dev.weir.replication.ReplicaStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Route {@code admin.topics.describe}: settings and the state of every partition. */
final class DescribeTopicAction implements ControlHandler.Action<DescribeTopicRequest.Builder> {
  private final ClusterImages images;
  private final HostedPartitions partitions;
  private final Map<String, String> topicDefaults;

  DescribeTopicAction(
      ClusterImages images, HostedPartitions partitions, Map<String, String> topicDefaults) {
    this.images = images;
    this.partitions = partitions;
    this.topicDefaults = topicDefaults;
  }

  @Override
  public CompletionStage<? extends Message> answer(DescribeTopicRequest.Builder request) {
    TopicImage topic = TopicInfos.require(images.current(), request.getName());
    List<CompletableFuture<PartitionStatus>> states = new ArrayList<>();
    for (PartitionImage partition : topic.partitions()) {
      states.add(status(topic, partition.partition()));
    }
    return CompletableFuture.allOf(states.toArray(CompletableFuture[]::new))
        .thenApply(
            ignored -> {
              DescribeTopicResponse.Builder answer =
                  DescribeTopicResponse.newBuilder()
                      .setTopic(TopicInfos.of(topic))
                      .putAllEffectiveConfig(
                          TopicConfig.resolve(topicDefaults, topic.config()).effective());
              states.forEach(state -> answer.addPartitions(state.join()));
              return answer.build();
            });
  }

  private CompletableFuture<PartitionStatus> status(TopicImage topic, int number) {
    try {
      return partitions
          .find(topic.id(), number)
          .ask(Replica::status)
          .thenApply(status -> online(number, status));
    } catch (WeirException e) {
      return CompletableFuture.completedFuture(
          PartitionStatus.newBuilder()
              .setPartition(number)
              .setLogStartOffset(-1)
              .setLogEndOffset(-1)
              .setFlushedOffset(-1)
              .setHighWatermark(-1)
              .setState(String.valueOf(e.getMessage()))
              .build());
    }
  }

  private static PartitionStatus online(int number, ReplicaStatus status) {
    return PartitionStatus.newBuilder()
        .setPartition(number)
        .setLogStartOffset(status.logStartOffset())
        .setLogEndOffset(status.logEndOffset())
        .setFlushedOffset(status.flushedOffset())
        .setHighWatermark(status.highWatermark())
        .setSizeBytes(status.sizeInBytes())
        .setState(status.health().describe())
        .build();
  }
}
