package dev.weir.broker.group.state;

import dev.weir.core.protocol.OffsetRange;
import dev.weir.core.topic.TopicId;
import java.util.List;

/**
 * How far a group has got with a partition.
 *
 * @param offset the next record to be processed
 * @param leaderEpoch of the last record processed; -1: unknown
 * @param commitTimestamp milliseconds since 1970
 * @param topicId of the topic it was committed for; a namesake does not inherit it
 * @param acknowledged processed above the offset, rising
 */
public record CommittedOffset(
    long offset,
    int leaderEpoch,
    String metadata,
    long commitTimestamp,
    TopicId topicId,
    List<OffsetRange> acknowledged) {
  public CommittedOffset {
    acknowledged = List.copyOf(acknowledged);
  }

  /** Records above the offset that are processed. */
  long acknowledgedRecords() {
    long records = 0;
    for (OffsetRange range : acknowledged) {
      records += range.getLast() - range.getFirst() + 1;
    }
    return records;
  }
}
