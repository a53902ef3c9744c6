package dev.weir.broker.group.state;

import com.google.protobuf.ByteString;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.GroupPartition;
import dev.weir.core.topic.TopicId;
import java.util.Comparator;

/** A partition of a topic that keeps its identity when a namesake is made. */
public record PartitionId(TopicId topic, int partition) implements Comparable<PartitionId> {
  private static final Comparator<PartitionId> ORDER =
      Comparator.comparingLong((PartitionId id) -> id.topic().mostSignificantBits())
          .thenComparingLong(id -> id.topic().leastSignificantBits())
          .thenComparingInt(PartitionId::partition);

  /** INVALID_REQUEST when that is no topic id. */
  static PartitionId of(ByteString topicId, int partition) {
    if (topicId.size() != TopicId.BYTES) {
      throw new WeirException(
          ErrorCode.INVALID_REQUEST,
          "topic_id has %d bytes, expected %d".formatted(topicId.size(), TopicId.BYTES));
    }
    return new PartitionId(TopicId.of(topicId.asReadOnlyByteBuffer()), partition);
  }

  static PartitionId of(GroupPartition partition) {
    return of(partition.getTopicId(), partition.getPartition());
  }

  ByteString topicBytes() {
    return ByteString.copyFrom(topic.toBytes());
  }

  GroupPartition message() {
    return GroupPartition.newBuilder().setTopicId(topicBytes()).setPartition(partition).build();
  }

  @Override
  public int compareTo(PartitionId other) {
    return ORDER.compare(this, other);
  }
}
