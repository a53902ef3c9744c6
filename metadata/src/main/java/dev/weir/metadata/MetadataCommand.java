package dev.weir.metadata;

import dev.weir.core.topic.TopicId;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A change of the cluster's truth. Each carries what its author believed (an expected version) or
 * an identity chosen by its author, so that a command that is applied twice, after a retry or a
 * change of leader, takes effect once.
 */
public sealed interface MetadataCommand {

  /**
   * A broker has started. Raises its epoch and the leader epoch of every partition it leads: a
   * leader never resumes an old epoch. A second one with the same incarnation changes nothing.
   */
  record RegisterBroker(int id, UUID incarnation, String host, int port)
      implements MetadataCommand {}

  /**
   * Creates a topic; {@code replicas.get(n)} are the brokers of partition n, the first one leads. A
   * second one with the same id changes nothing.
   */
  record CreateTopic(
      String name, TopicId id, List<List<Integer>> replicas, Map<String, String> config)
      implements MetadataCommand {
    public CreateTopic {
      replicas = List.copyOf(replicas);
      config = Map.copyOf(config);
    }
  }

  /** Deletes a topic by id; one that is gone already is not an error. */
  record DeleteTopic(TopicId id) implements MetadataCommand {}

  /** Replaces a topic's config overrides. */
  record SetTopicConfig(TopicId id, long expectedTopicVersion, Map<String, String> config)
      implements MetadataCommand {
    public SetTopicConfig {
      config = Map.copyOf(config);
    }
  }

  /**
   * Changes the leader or the in-sync set of a partition; another leader means a higher leader
   * epoch.
   */
  record ChangePartition(
      TopicId topic, int partition, long expectedPartitionVersion, int leader, List<Integer> inSync)
      implements MetadataCommand {
    public ChangePartition {
      inSync = List.copyOf(inSync);
    }
  }

  /**
   * Takes the ids {@code [expectedNextProducerId, expectedNextProducerId + count)}; they are never
   * given out again.
   */
  record ReserveProducerIds(long expectedNextProducerId, int count) implements MetadataCommand {}
}
