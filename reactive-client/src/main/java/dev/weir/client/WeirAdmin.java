package dev.weir.client;

import dev.weir.core.topic.TopicId;
import dev.weir.core.topic.TopicPartition;
import java.util.List;
import java.util.Map;
import java.util.Set;
import reactor.core.publisher.Mono;

/**
 * Looks after topics and consumer groups. Each call starts when it is subscribed, answers on a
 * client thread that must not be blocked, and fails after {@link ClientSettings#connectTimeout}
 * when no broker was ever reached, else after {@link ClientSettings#deliveryTimeout}. Calls that
 * change something are repeated after a connection loss only when they were not sent; otherwise
 * they end with OUTCOME_UNKNOWN. Errors are {@link dev.weir.core.error.WeirException}s.
 */
public interface WeirAdmin {
  /** In {@link #deleteRecords}: everything that can be read now. */
  long HIGH_WATERMARK = -1;

  /**
   * Creates a topic, usable when the Mono answers. TOPIC_EXISTS, INVALID_TOPIC_NAME, INVALID_CONFIG
   * or INVALID_REPLICATION_FACTOR when it cannot be.
   */
  Mono<TopicId> createTopic(NewTopic topic);

  /** Deletes a topic and its records. UNKNOWN_TOPIC. */
  Mono<Void> deleteTopic(String name);

  /** Sets and resets settings in one step. UNKNOWN_TOPIC, INVALID_CONFIG. */
  Mono<Void> alterTopic(String name, Map<String, String> set, Set<String> reset);

  /**
   * Deletes the records below an offset of each partition, for good, as Kafka's DeleteRecords does.
   * Consumers below the new start get OFFSET_OUT_OF_RANGE and do what their {@link
   * OutOfRangePolicy} says; who has read a record keeps it. The space comes back with whole
   * segments.
   *
   * @param before by partition the first offset that stays, at most the high watermark, or {@link
   *     #HIGH_WATERMARK}
   * @return an answer for each partition: its new start, or OFFSET_OUT_OF_RANGE, POLICY_VIOLATION
   *     (the topic is only compacted), UNKNOWN_PARTITION, STORAGE_OFFLINE. Fails with UNKNOWN_TOPIC
   */
  Mono<Map<Integer, RecordDeletion>> deleteRecords(String topic, Map<Integer, Long> before);

  /** All topics by name. */
  Mono<List<TopicListing>> listTopics();

  /** One topic in detail. UNKNOWN_TOPIC. */
  Mono<TopicDescription> describeTopic(String name);

  Mono<ClusterDescription> describeCluster();

  /**
   * The offset a position means now: latest is the high watermark; a time without a record at or
   * after it means the same. UNKNOWN_TOPIC, UNKNOWN_PARTITION.
   */
  Mono<Long> offset(TopicPartition partition, StartingPosition position);

  /** All groups by name, those that only have committed offsets included. */
  Mono<List<GroupListing>> listGroups();

  /**
   * A group's members, and how far it is in each partition. UNKNOWN_GROUP. Where the coordinator
   * does not lead a partition, its high watermark is asked of the leader a moment later.
   */
  Mono<GroupDescription> describeGroup(String group);

  /**
   * Sets the committed offset of each of a topic's partitions to where a position is now, and
   * forgets what was acknowledged beyond. GROUP_NOT_EMPTY while the group has members,
   * UNKNOWN_TOPIC, OFFSET_OUT_OF_RANGE for an offset that a partition does not have; then nothing
   * is changed. A group that does not exist is made.
   *
   * @return by partition what is committed now
   */
  Mono<Map<Integer, Long>> resetOffsets(String group, String topic, StartingPosition to);

  /** Forgets a group and its offsets. GROUP_NOT_EMPTY, UNKNOWN_GROUP. */
  Mono<Void> deleteGroup(String group);

  /** Forgets committed offsets, those that there are. GROUP_NOT_EMPTY, UNKNOWN_GROUP. */
  Mono<Void> deleteOffsets(String group, Set<TopicPartition> partitions);

  /**
   * What a group has committed: the offset of the next record to process.
   *
   * @param partitions which; empty: all. Those without a committed offset are left out
   */
  Mono<Map<TopicPartition, Long>> committedOffsets(String group, Set<TopicPartition> partitions);

  /**
   * Commits for consumers that assign partitions themselves. Durable when it completes; repeated
   * after a connection loss. GROUP_NOT_EMPTY while the group has members, UNKNOWN_TOPIC,
   * UNKNOWN_PARTITION.
   */
  Mono<Void> commitOffsets(String group, Map<TopicPartition, Long> offsets);
}
