package dev.weir.broker.group.state;

import dev.weir.core.topic.TopicId;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The topics of the cluster at one moment. Immutable. */
public final class TopicsView {
  public static final TopicsView EMPTY = new TopicsView(List.of());

  /** A topic that has the partitions 0 to {@code partitions} - 1. */
  public record Topic(String name, TopicId id, int partitions) {}

  private final Map<String, Topic> byName = new HashMap<>();
  private final Map<TopicId, Topic> byId = new HashMap<>();

  public TopicsView(Collection<Topic> topics) {
    for (Topic topic : topics) {
      byName.put(topic.name(), topic);
      byId.put(topic.id(), topic);
    }
  }

  @Nullable Topic named(String name) {
    return byName.get(name);
  }

  @Nullable Topic withId(TopicId id) {
    return byId.get(id);
  }

  Collection<Topic> all() {
    return byName.values();
  }

  boolean isSameAs(TopicsView other) {
    return byName.equals(other.byName);
  }
}
