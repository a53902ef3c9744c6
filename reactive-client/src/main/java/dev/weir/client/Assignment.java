package dev.weir.client;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one subscription reads.
 *
 * @param topic an existing topic
 * @param from where the partitions begin that {@code partitions} does not name
 * @param partitions the partitions to read and where each begins; empty: all of the topic
 * @param untilEnd whether to complete when every partition has been read up to its high watermark
 *     as it was at the start; otherwise the subscription is endless
 * @param control a handle on the running subscription; null: none
 */
public record Assignment(
    String topic,
    StartingPosition from,
    Map<Integer, StartingPosition> partitions,
    boolean untilEnd,
    @Nullable ConsumerControl control) {

  public Assignment {
    partitions = Map.copyOf(partitions);
    for (int partition : partitions.keySet()) {
      if (partition < 0) {
        throw new IllegalArgumentException("a partition number is not negative: " + partition);
      }
    }
  }

  /** All partitions of a topic, as many as it has at the start. */
  public static Assignment topic(String topic, StartingPosition from) {
    return new Assignment(topic, from, Map.of(), false, null);
  }

  /** One partition. */
  public static Assignment partition(String topic, int partition, StartingPosition from) {
    return new Assignment(topic, from, Map.of(partition, from), false, null);
  }

  /** The same with one more partition; without any, all are read. */
  public Assignment and(int partition, StartingPosition position) {
    Map<Integer, StartingPosition> more = new HashMap<>(partitions);
    more.put(partition, position);
    return new Assignment(topic, from, more, untilEnd, control);
  }

  /** The same, but completing at the high watermark as it was at the start. */
  public Assignment toEnd() {
    return new Assignment(topic, from, partitions, true, control);
  }

  /** The same under a control, which serves one subscription at a time. */
  public Assignment controlledBy(ConsumerControl value) {
    return new Assignment(topic, from, partitions, untilEnd, value);
  }
}
