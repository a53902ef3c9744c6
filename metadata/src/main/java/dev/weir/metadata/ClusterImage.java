package dev.weir.metadata;

import dev.weir.core.topic.TopicId;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The whole cluster at one version. Immutable: a command makes a new one, so a reader always sees
 * one consistent state.
 */
public final class ClusterImage {
  private final UUID clusterId;
  private final long version;
  private final Map<Integer, BrokerImage> brokers;
  private final Map<String, TopicImage> topics;
  private final Map<TopicId, TopicImage> topicsById;
  private final long nextProducerId;

  private ClusterImage(Draft draft) {
    this.clusterId = draft.clusterId;
    this.version = draft.version;
    this.brokers = Map.copyOf(draft.brokers);
    this.topics = Map.copyOf(draft.topics);
    this.nextProducerId = draft.nextProducerId;
    Map<TopicId, TopicImage> byId = new HashMap<>(topics.size() * 2);
    topics.values().forEach(topic -> byId.put(topic.id(), topic));
    this.topicsById = byId;
  }

  /** A cluster that was just formatted. */
  public static ClusterImage empty(UUID clusterId) {
    return new Draft(clusterId, 0).build();
  }

  public UUID clusterId() {
    return clusterId;
  }

  /** Grows by one with every command that changed something. */
  public long version() {
    return version;
  }

  /** Brokers by id. */
  public Map<Integer, BrokerImage> brokers() {
    return brokers;
  }

  /** Topics by name, in no particular order. */
  public Map<String, TopicImage> topics() {
    return topics;
  }

  public @Nullable TopicImage topic(String name) {
    return topics.get(name);
  }

  public @Nullable TopicImage topic(TopicId id) {
    return topicsById.get(id);
  }

  /** The first producer id that nobody has been given yet. */
  public long nextProducerId() {
    return nextProducerId;
  }

  /** The successor of this image. */
  ClusterImage next(Consumer<Draft> change) {
    Draft draft = new Draft(clusterId, version + 1);
    draft.brokers.putAll(brokers);
    draft.topics.putAll(topics);
    draft.nextProducerId = nextProducerId;
    change.accept(draft);
    return draft.build();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ClusterImage that
        && clusterId.equals(that.clusterId)
        && version == that.version
        && brokers.equals(that.brokers)
        && topics.equals(that.topics)
        && nextProducerId == that.nextProducerId;
  }

  @Override
  public int hashCode() {
    return Objects.hash(clusterId, version);
  }

  @Override
  public String toString() {
    return "cluster " + clusterId + " at version " + version + " with " + topics.size() + " topics";
  }

  /** An image in the making; used by one thread and thrown away. */
  static final class Draft {
    private final UUID clusterId;
    private final long version;
    final Map<Integer, BrokerImage> brokers = new HashMap<>();
    final Map<String, TopicImage> topics = new HashMap<>();
    long nextProducerId;

    Draft(UUID clusterId, long version) {
      this.clusterId = clusterId;
      this.version = version;
    }

    void put(TopicImage topic) {
      topics.put(topic.name(), topic);
    }

    ClusterImage build() {
      return new ClusterImage(this);
    }
  }
}
