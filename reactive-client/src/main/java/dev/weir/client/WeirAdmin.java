package dev.weir.client;

import dev.weir.core.topic.TopicId;
import dev.weir.core.topic.TopicPartition;
import java.util.List;
import java.util.Map;
import java.util.Set;
import reactor.core.publisher.Mono;

/**
 * Looks after topics. Each call starts when it is subscribed, answers on a client thread that must
 * not be blocked, and fails after {@link ClientSettings#connectTimeout} when no broker was ever
 * reached, else after {@link ClientSettings#deliveryTimeout}. Calls that change something are
 * repeated after a connection loss only when they were not sent; otherwise they end with
 * OUTCOME_UNKNOWN. Errors are {@link dev.weir.core.error.WeirException}s.
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
}
