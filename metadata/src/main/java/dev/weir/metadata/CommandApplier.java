package dev.weir.metadata;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.topic.TopicId;
import dev.weir.metadata.MetadataCommand.ChangePartition;
import dev.weir.metadata.MetadataCommand.CreateTopic;
import dev.weir.metadata.MetadataCommand.DeleteTopic;
import dev.weir.metadata.MetadataCommand.RegisterBroker;
import dev.weir.metadata.MetadataCommand.ReserveProducerIds;
import dev.weir.metadata.MetadataCommand.SetTopicConfig;
import dev.weir.metadata.MetadataResult.Applied;
import dev.weir.metadata.MetadataResult.Refused;
import dev.weir.metadata.MetadataResult.VersionConflict;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a command does to an image: pure and deterministic, the same for every store. Never throws
 * for a command that makes no sense; it refuses.
 */
final class CommandApplier {
  private CommandApplier() {}

  static MetadataResult apply(ClusterImage image, MetadataCommand command) {
    if (command instanceof RegisterBroker register) {
      return registerBroker(image, register);
    } else if (command instanceof CreateTopic create) {
      return createTopic(image, create);
    } else if (command instanceof DeleteTopic delete) {
      return deleteTopic(image, delete);
    } else if (command instanceof SetTopicConfig config) {
      return setTopicConfig(image, config);
    } else if (command instanceof ChangePartition change) {
      return changePartition(image, change);
    } else if (command instanceof ReserveProducerIds reserve) {
      return reserveProducerIds(image, reserve);
    }
    throw new AssertionError("a command without a rule: " + command);
  }

  private static MetadataResult registerBroker(ClusterImage image, RegisterBroker command) {
    @Nullable BrokerImage known = image.brokers().get(command.id());
    if (known != null && known.incarnation().equals(command.incarnation())) {
      return new Applied(image);
    }
    long epoch = known == null ? 1 : known.epoch() + 1;
    BrokerImage broker =
        new BrokerImage(command.id(), epoch, command.incarnation(), command.host(), command.port());
    return new Applied(
        image.next(
            draft -> {
              draft.brokers.put(command.id(), broker);
              for (TopicImage topic : image.topics().values()) {
                draft.put(withRaisedEpochs(topic, broker));
              }
            }));
  }

  private static TopicImage withRaisedEpochs(TopicImage topic, BrokerImage broker) {
    List<PartitionImage> raised = new ArrayList<>(topic.partitions().size());
    for (PartitionImage partition : topic.partitions()) {
      raised.add(
          partition.leader() == broker.id()
              ? partition.ledBy(
                  broker.id(), Math.max(partition.leaderEpoch() + 1, (int) broker.epoch()))
              : partition);
    }
    return topic.withPartitions(raised);
  }

  private static MetadataResult createTopic(ClusterImage image, CreateTopic command) {
    @Nullable TopicImage existing = image.topic(command.name());
    if (existing != null && existing.id().equals(command.id())) {
      return new Applied(image);
    }
    if (existing != null) {
      return new Refused(ErrorCode.TOPIC_EXISTS, "topic '" + command.name() + "' exists already");
    }
    if (command.replicas().isEmpty()) {
      return new Refused(
          ErrorCode.INVALID_REQUEST, "topic '" + command.name() + "' needs at least 1 partition");
    }
    List<PartitionImage> partitions = new ArrayList<>(command.replicas().size());
    for (List<Integer> replicas : command.replicas()) {
      if (replicas.isEmpty()
          || new HashSet<>(replicas).size() != replicas.size()
          || !image.brokers().keySet().containsAll(replicas)) {
        return new Refused(
            ErrorCode.INVALID_REPLICATION_FACTOR,
            "partition %d of topic '%s' cannot have the replicas %s; the brokers are %s"
                .formatted(partitions.size(), command.name(), replicas, image.brokers().keySet()));
      }
      int leader = replicas.get(0);
      long brokerEpoch = Objects.requireNonNull(image.brokers().get(leader)).epoch();
      partitions.add(
          new PartitionImage(partitions.size(), leader, (int) brokerEpoch, replicas, replicas, 1));
    }
    TopicImage topic =
        new TopicImage(command.name(), command.id(), partitions, command.config(), 1);
    return new Applied(image.next(draft -> draft.put(topic)));
  }

  private static MetadataResult deleteTopic(ClusterImage image, DeleteTopic command) {
    @Nullable TopicImage topic = image.topic(command.id());
    return topic == null
        ? new Applied(image)
        : new Applied(image.next(draft -> draft.topics.remove(topic.name())));
  }

  private static MetadataResult setTopicConfig(ClusterImage image, SetTopicConfig command) {
    @Nullable TopicImage topic = image.topic(command.id());
    if (topic == null) {
      return unknownTopic(command.id());
    }
    if (topic.version() != command.expectedTopicVersion()) {
      return new VersionConflict(command.expectedTopicVersion(), topic.version());
    }
    return new Applied(image.next(draft -> draft.put(topic.withConfig(command.config()))));
  }

  private static MetadataResult changePartition(ClusterImage image, ChangePartition command) {
    @Nullable TopicImage topic = image.topic(command.topic());
    if (topic == null) {
      return unknownTopic(command.topic());
    }
    if (command.partition() < 0 || command.partition() >= topic.partitions().size()) {
      return new Refused(
          ErrorCode.UNKNOWN_PARTITION,
          "topic '%s' has %d partitions, not a partition %d"
              .formatted(topic.name(), topic.partitions().size(), command.partition()));
    }
    PartitionImage old = topic.partitions().get(command.partition());
    if (old.version() != command.expectedPartitionVersion()) {
      return new VersionConflict(command.expectedPartitionVersion(), old.version());
    }
    if (!old.replicas().containsAll(command.inSync())
        || (command.leader() != PartitionImage.NO_LEADER
            && !command.inSync().contains(command.leader()))) {
      return new Refused(
          ErrorCode.INVALID_REQUEST,
          "leader %d and in-sync set %s do not fit the replicas %s of %s-%d"
              .formatted(
                  command.leader(),
                  command.inSync(),
                  old.replicas(),
                  topic.name(),
                  command.partition()));
    }
    int epoch = old.leader() == command.leader() ? old.leaderEpoch() : old.leaderEpoch() + 1;
    PartitionImage changed =
        new PartitionImage(
            old.partition(),
            command.leader(),
            epoch,
            old.replicas(),
            command.inSync(),
            old.version() + 1);
    return new Applied(image.next(draft -> draft.put(topic.withPartition(changed))));
  }

  private static MetadataResult reserveProducerIds(ClusterImage image, ReserveProducerIds command) {
    if (command.count() < 1) {
      return new Refused(
          ErrorCode.INVALID_REQUEST, "cannot reserve " + command.count() + " producer ids");
    }
    if (command.expectedNextProducerId() != image.nextProducerId()) {
      return new VersionConflict(command.expectedNextProducerId(), image.nextProducerId());
    }
    return new Applied(image.next(draft -> draft.nextProducerId += command.count()));
  }

  private static Refused unknownTopic(TopicId id) {
    return new Refused(ErrorCode.UNKNOWN_TOPIC, "there is no topic with id " + id);
  }
}
