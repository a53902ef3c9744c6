package dev.weir.client;

import com.google.protobuf.ByteString;

/** One partition with its topic's id, as headers name it. */
record PartitionTarget(String topic, ByteString topicId, int partition) {
  /** Where there is no partition yet. */
  static final PartitionTarget NONE = new PartitionTarget("", ByteString.EMPTY, 0);

  @Override
  public String toString() {
    return topic + "-" + partition;
  }
}
