package dev.weir.broker.partition;

import com.google.protobuf.ByteString;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.topic.TopicId;
import dev.weir.metadata.ClusterImage;
import dev.weir.metadata.PartitionImage;
import dev.weir.metadata.TopicImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The partitions this broker serves, kept equal to what the cluster image says: new topics are
 * opened, deleted ones removed. Images come on the metadata thread, lookups from anywhere.
 */
public final class HostedPartitions {
  private final PartitionOpener opener;
  private final Map<String, String> topicDefaults;
  private final Map<TopicId, HostedTopic> topics = new ConcurrentHashMap<>();

  /**
   * By topic name: a new topic's directories are made only after those of its namesake are gone.
   */
  private final Map<String, CompletableFuture<Void>> deletions = new ConcurrentHashMap<>();

  public HostedPartitions(PartitionOpener opener, Map<String, String> topicDefaults) {
    this.opener = opener;
    this.topicDefaults = topicDefaults;
  }

  /** Opens what is new in the image and removes what is gone. One caller at a time. */
  public void follow(ClusterImage image) {
    deletions.values().removeIf(CompletableFuture::isDone);
    topics.forEach(
        (id, topic) -> {
          if (image.topic(id) == null) {
            topics.remove(id);
            deletions.put(topic.name(), topic.delete().thenRun(() -> opener.forget(topic.name())));
          }
        });
    for (TopicImage topic : image.topics().values()) {
      @Nullable HostedTopic hosted = topics.get(topic.id());
      if (hosted == null) {
        topics.put(topic.id(), open(topic));
      } else {
        hosted.maybeReconfigure(topic, topicDefaults);
      }
    }
  }

  /**
   * Completes when every partition of the topic has been opened or has failed to; fails with a
   * WeirException STORAGE_OFFLINE when one has.
   */
  public CompletionStage<Void> whenOpen(TopicId id) {
    @Nullable HostedTopic topic = topics.get(id);
    return topic == null ? CompletableFuture.completedStage(null) : topic.whenOpen();
  }

  /** Completes when everything known so far has been opened or has failed to. Never fails. */
  public CompletionStage<Void> whenAllOpen() {
    return CompletableFuture.allOf(
        topics.values().stream().map(HostedTopic::whenSettled).toArray(CompletableFuture[]::new));
  }

  /**
   * The partition, ready to be used.
   *
   * @throws WeirException UNKNOWN_TOPIC, UNKNOWN_PARTITION, NOT_LEADER (still being opened) or
   *     STORAGE_OFFLINE
   */
  public HostedPartition find(TopicId id, int partition) {
    @Nullable HostedTopic topic = topics.get(id);
    if (topic == null) {
      throw new WeirException(ErrorCode.UNKNOWN_TOPIC, "there is no topic with id " + id);
    }
    return topic.partition(partition);
  }

  /**
   * The partition that a request names.
   *
   * @throws WeirException as above, or INVALID_REQUEST: that is no topic id
   */
  public HostedPartition find(ByteString topicId, int partition) {
    if (topicId.size() != TopicId.BYTES) {
      throw new WeirException(
          ErrorCode.INVALID_REQUEST,
          "topic_id has %d bytes, expected %d".formatted(topicId.size(), TopicId.BYTES));
    }
    return find(TopicId.of(topicId.asReadOnlyByteBuffer()), partition);
  }

  public int count() {
    return topics.values().stream().mapToInt(topic -> topic.partitionCount()).sum();
  }

  /** Every partition that is open now. */
  public List<HostedPartition> all() {
    List<HostedPartition> all = new ArrayList<>();
    topics.values().forEach(topic -> all.addAll(topic.open()));
    return all;
  }

  /** From now on requests are answered SHUTTING_DOWN; sessions are told. */
  public void beginShutdown() {
    for (HostedPartition partition : all()) {
      partition.execute(() -> partition.enter(HostedPartition.State.SHUTTING_DOWN));
    }
  }

  /** Closes every log; completes when all are closed. Failures are logged. */
  public CompletionStage<Void> close() {
    return HostedTopic.each(all(), partition -> partition.replica().close());
  }

  private HostedTopic open(TopicImage topic) {
    CompletableFuture<Void> namesake =
        deletions.getOrDefault(topic.name(), CompletableFuture.completedFuture(null));
    List<CompletableFuture<HostedPartition>> partitions = new ArrayList<>();
    try {
      TopicConfig config = TopicConfig.resolve(topicDefaults, topic.config());
      for (PartitionImage partition : topic.partitions()) {
        partitions.add(namesake.thenCompose(gone -> opener.open(topic, partition, config)));
      }
    } catch (RuntimeException e) {
      while (partitions.size() < topic.partitions().size()) {
        partitions.add(CompletableFuture.failedFuture(e));
      }
    }
    return new HostedTopic(topic.name(), partitions, topic.version());
  }
}
