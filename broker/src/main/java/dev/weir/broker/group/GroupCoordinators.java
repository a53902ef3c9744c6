package dev.weir.broker.group;

import dev.weir.broker.group.state.GroupMachine;
import dev.weir.broker.group.state.StateBudget;
import dev.weir.broker.group.state.TopicsView;
import dev.weir.broker.partition.HostedPartition;
import dev.weir.broker.partition.HostedPartitions;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.time.Time;
import dev.weir.core.topic.TopicNames;
import dev.weir.metadata.ClusterImage;
import dev.weir.metadata.MetadataStore;
import dev.weir.metadata.PartitionImage;
import dev.weir.metadata.TopicImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Which shard coordinates which group: that of partition {@code abs(hash(group)) mod N} of {@code
 * __consumer_offsets}, Kafka's rule. Shards are begun for every partition that this broker leads.
 * Any thread.
 */
public final class GroupCoordinators {
  private final MetadataStore store;
  private final HostedPartitions partitions;
  private final int brokerId;
  private final OffsetsTopic topic;
  private final StateBudget budget;
  private final GroupCounters counters = new GroupCounters();
  private final GroupShard.Shared shared;
  private final Map<HostedPartition, GroupShard> shards = new ConcurrentHashMap<>();
  private volatile TopicsView topics = TopicsView.EMPTY;

  /**
   * @param partitions what this broker hosts; open
   * @param maxPartitions that it may host
   */
  public GroupCoordinators(
      MetadataStore store,
      HostedPartitions partitions,
      int maxPartitions,
      int brokerId,
      CoordinatorSettings settings,
      Executor readExecutor) {
    this.store = store;
    this.partitions = partitions;
    this.brokerId = brokerId;
    this.topic = new OffsetsTopic(store, partitions, settings.offsetsPartitions(), maxPartitions);
    this.budget = new StateBudget(settings.stateBytes());
    this.shared =
        new GroupShard.Shared(
            () -> new GroupMachine(Time.system(), settings.groups(), budget),
            readExecutor,
            Time.system(),
            () -> topics,
            counters,
            ended -> shards.remove(ended.partition(), ended));
  }

  /** From now on groups are loaded and topics are followed. */
  public void start() {
    follow(store.images().current());
    store.images().listen(this::follow);
  }

  public GroupCounters counters() {
    return counters;
  }

  /** Memory that groups take, about. */
  public long stateBytes() {
    return budget.used();
  }

  /**
   * Forgets offsets that are kept long enough.
   *
   * @param nowMillis a time that is known not to have jumped ahead
   */
  public void expire(long nowMillis) {
    shards.values().forEach(shard -> shard.expire(nowMillis));
  }

  /** The partition that keeps the group; makes the topic when there is none. */
  CompletionStage<PartitionImage> placeOf(String group) {
    return topic.require().thenApply(image -> partitionOf(group, image));
  }

  /**
   * The shard of the group; makes the topic when there is none. Fails with NOT_COORDINATOR when
   * another broker has it.
   */
  CompletionStage<GroupShard> shardOf(String group) {
    return topic.require().thenApply(image -> shard(image, partitionOf(group, image).partition()));
  }

  /** The shard of the group, null when no group was ever kept. */
  @Nullable GroupShard existingShardOf(String group) {
    TopicImage image = topic.find();
    return image == null ? null : shard(image, partitionOf(group, image).partition());
  }

  /** Every shard that this broker has to have. */
  List<GroupShard> all() {
    List<GroupShard> all = new ArrayList<>();
    TopicImage image = topic.find();
    if (image != null) {
      for (PartitionImage partition : image.partitions()) {
        if (partition.leader() == brokerId) {
          all.add(shard(image, partition.partition()));
        }
      }
    }
    return all;
  }

  private static PartitionImage partitionOf(String group, TopicImage image) {
    int hash = group.hashCode();
    int positive = hash == Integer.MIN_VALUE ? 0 : Math.abs(hash);
    return image.partitions().get(positive % image.partitions().size());
  }

  private GroupShard shard(TopicImage image, int partition) {
    if (image.partitions().get(partition).leader() != brokerId) {
      throw new WeirException(
          ErrorCode.NOT_COORDINATOR,
          "this broker does not coordinate the groups of partition %d of %s"
              .formatted(partition, TopicNames.CONSUMER_OFFSETS));
    }
    HostedPartition hosted = partitions.find(image.id(), partition);
    GroupShard known = shards.get(hosted);
    return known == null ? begin(hosted) : known;
  }

  private GroupShard begin(HostedPartition hosted) {
    GroupShard begun = new GroupShard(hosted, shared);
    GroupShard other = shards.putIfAbsent(hosted, begun);
    if (other != null) {
      return other;
    }
    begun.begin();
    return begun;
  }

  /** On the metadata thread, or the one that starts. */
  private void follow(ClusterImage image) {
    List<TopicsView.Topic> all = new ArrayList<>(image.topics().size());
    image
        .topics()
        .values()
        .forEach(
            each ->
                all.add(new TopicsView.Topic(each.name(), each.id(), each.partitions().size())));
    TopicsView view = new TopicsView(all);
    topics = view;
    shards.values().forEach(shard -> shard.topics(view));
    TopicImage offsets = image.topic(TopicNames.CONSUMER_OFFSETS);
    if (offsets != null && shards.isEmpty()) {
      var unused = partitions.whenOpen(offsets.id()).thenRun(this::all);
    }
  }
}
