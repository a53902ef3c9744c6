package dev.weir.metadata;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.core.topic.TopicId;
import dev.weir.metadata.format.StoredBroker;
import dev.weir.metadata.format.StoredCluster;
import dev.weir.metadata.format.StoredPartition;
import dev.weir.metadata.format.StoredTopic;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** An image as bytes and back. */
final class ImageCodec {
  private ImageCodec() {}

  static byte[] encode(ClusterImage image) {
    StoredCluster.Builder cluster =
        StoredCluster.newBuilder()
            .setClusterId(encode(image.clusterId()))
            .setVersion(image.version())
            .setNextProducerId(image.nextProducerId());
    for (BrokerImage broker : image.brokers().values()) {
      cluster.addBrokers(
          StoredBroker.newBuilder()
              .setId(broker.id())
              .setEpoch(broker.epoch())
              .setIncarnation(encode(broker.incarnation()))
              .setHost(broker.host())
              .setPort(broker.port()));
    }
    for (TopicImage topic : image.topics().values()) {
      cluster.addTopics(encode(topic));
    }
    return cluster.build().toByteArray();
  }

  private static StoredTopic.Builder encode(TopicImage topic) {
    StoredTopic.Builder stored =
        StoredTopic.newBuilder()
            .setName(topic.name())
            .setId(ByteString.copyFrom(topic.id().toBytes()))
            .setVersion(topic.version())
            .putAllConfig(topic.config());
    for (PartitionImage partition : topic.partitions()) {
      stored.addPartitions(
          StoredPartition.newBuilder()
              .setLeader(partition.leader())
              .setLeaderEpoch(partition.leaderEpoch())
              .addAllReplicas(partition.replicas())
              .addAllInSync(partition.inSync())
              .setVersion(partition.version()));
    }
    return stored;
  }

  static ClusterImage decode(byte[] bytes) throws InvalidProtocolBufferException {
    StoredCluster cluster = StoredCluster.parseFrom(bytes);
    ClusterImage.Draft draft =
        new ClusterImage.Draft(uuid(cluster.getClusterId()), cluster.getVersion());
    draft.nextProducerId = cluster.getNextProducerId();
    for (StoredBroker broker : cluster.getBrokersList()) {
      draft.brokers.put(
          broker.getId(),
          new BrokerImage(
              broker.getId(),
              broker.getEpoch(),
              uuid(broker.getIncarnation()),
              broker.getHost(),
              broker.getPort()));
    }
    for (StoredTopic topic : cluster.getTopicsList()) {
      draft.put(decode(topic));
    }
    return draft.build();
  }

  private static TopicImage decode(StoredTopic topic) {
    List<PartitionImage> partitions = new ArrayList<>(topic.getPartitionsCount());
    for (StoredPartition partition : topic.getPartitionsList()) {
      partitions.add(
          new PartitionImage(
              partitions.size(),
              partition.getLeader(),
              partition.getLeaderEpoch(),
              partition.getReplicasList(),
              partition.getInSyncList(),
              partition.getVersion()));
    }
    return new TopicImage(
        topic.getName(),
        TopicId.of(topic.getId().asReadOnlyByteBuffer()),
        partitions,
        topic.getConfigMap(),
        topic.getVersion());
  }

  private static ByteString encode(UUID uuid) {
    return ByteString.copyFrom(TopicId.of(uuid).toBytes());
  }

  private static UUID uuid(ByteString bytes) {
    ByteBuffer buffer = bytes.asReadOnlyByteBuffer();
    return new UUID(buffer.getLong(), buffer.getLong());
  }
}
