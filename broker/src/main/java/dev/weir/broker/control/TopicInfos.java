package dev.weir.broker.control;

import com.google.protobuf.ByteString;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.PartitionInfo;
import dev.weir.core.protocol.TopicInfo;
import dev.weir.metadata.ClusterImage;
import dev.weir.metadata.PartitionImage;
import dev.weir.metadata.TopicImage;
import org.jspecify.annotations.Nullable;

/** Topics of the cluster image as the protocol shows them. */
final class TopicInfos {
  private TopicInfos() {}

  static TopicInfo of(TopicImage topic) {
    TopicInfo.Builder info =
        TopicInfo.newBuilder()
            .setName(topic.name())
            .setTopicId(ByteString.copyFrom(topic.id().toBytes()))
            .putAllConfig(topic.config());
    for (PartitionImage partition : topic.partitions()) {
      info.addPartitions(
          PartitionInfo.newBuilder()
              .setPartition(partition.partition())
              .setLeader(partition.leader())
              .setLeaderEpoch(partition.leaderEpoch())
              .addAllReplicas(partition.replicas())
              .addAllInSync(partition.inSync()));
    }
    return info.build();
  }

  static TopicInfo unknown(String name) {
    return TopicInfo.newBuilder()
        .setName(name)
        .setError(ErrorCode.UNKNOWN_TOPIC.number())
        .setErrorMessage(unknownTopic(name).getMessage())
        .build();
  }

  /** The topic, or UNKNOWN_TOPIC naming it. */
  static TopicImage require(ClusterImage image, String name) {
    @Nullable TopicImage topic = image.topic(name);
    if (topic == null) {
      throw unknownTopic(name);
    }
    return topic;
  }

  private static WeirException unknownTopic(String name) {
    return new WeirException(ErrorCode.UNKNOWN_TOPIC, "there is no topic '" + name + "'");
  }
}
