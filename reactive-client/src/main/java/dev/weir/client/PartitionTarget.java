package dev.weir.client;

import com.google.protobuf.ByteString;
import dev.weir.core.topic.TopicPartition;

/** One partition with its topic's id, as headers name it. */
record PartitionTarget(String topic, ByteString topicId, int partition) {
  /** Where there is no partition yet. */
  static final PartitionTarget NONE = new PartitionTarget("", ByteString.EMPTY, 0);

  /** As people name it. */
  TopicPartition name() {
    return new TopicPartition(topic, partition);
  }

  boolean isOf(TopicPartition name) {
    return partition == name.partition() && topic.equals(name.topic());
  }

  @Override
  public String toString() {
    return topic + "-" + partition;
  }
}
