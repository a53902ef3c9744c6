package dev.weir.client;

import dev.weir.core.topic.TopicId;
import java.util.List;
import java.util.Map;

/**
 * A topic in detail.
 *
 * @param overrides settings this topic has of its own
 * @param effectiveConfig all settings with the values that hold for it
 * @param partitions in the order of their numbers
 */
public record TopicDescription(
    String name,
    TopicId id,
    Map<String, String> overrides,
    Map<String, String> effectiveConfig,
    List<Partition> partitions) {

  /**
   * One partition. Offsets are -1 where the state does not let them be known.
   *
   * @param leader broker id, -1 for none
   * @param logStartOffset first readable offset
   * @param logEndOffset next offset to be written
   * @param flushedOffset everything below is on the leader's stable storage
   * @param highWatermark everything below is readable
   * @param state "online", or why not
   */
  public record Partition(
      int partition,
      int leader,
      int leaderEpoch,
      List<Integer> replicas,
      List<Integer> inSync,
      long logStartOffset,
      long logEndOffset,
      long flushedOffset,
      long highWatermark,
      long sizeBytes,
      String state) {}
}
