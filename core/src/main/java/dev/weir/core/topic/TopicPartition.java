package dev.weir.core.topic;

/**
 * One partition of a topic, by name: what people read in messages and what a partition's directory
 * is called.
 */
public record TopicPartition(String topic, int partition) {
  public TopicPartition {
    if (partition < 0) {
      throw new IllegalArgumentException("a partition number is not negative: " + partition);
    }
  }

  /** {@code <topic>-<partition>}, also the name of the partition's directory. */
  @Override
  public String toString() {
    return topic + "-" + partition;
  }
}
