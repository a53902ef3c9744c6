package dev.weir.client;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.Isolation;
import dev.weir.core.protocol.ListOffsetsRequest;
import dev.weir.core.protocol.ListOffsetsResponse;
import dev.weir.core.route.Routes;
import dev.weir.transport.rsocket.ClientConnection;
import reactor.core.publisher.Mono;

/** Who leads a partition and which offset a position means there. */
final class PartitionLookup {
  private PartitionLookup() {}

  /**
   * @throws WeirException UNKNOWN_PARTITION; NOT_LEADER while the partition has none
   */
  static ServerAddress leaderOf(TopicLayout layout, int partition) {
    requirePartition(layout, partition);
    return layout
        .leaders()
        .get(partition)
        .orElseThrow(
            () ->
                new WeirException(
                    ErrorCode.NOT_LEADER,
                    "partition " + layout.name() + "-" + partition + " has no leader now"));
  }

  /**
   * @throws WeirException UNKNOWN_PARTITION that names the partitions there are
   */
  static void requirePartition(TopicLayout layout, int partition) {
    if (partition >= layout.partitionCount()) {
      throw unknownPartition(layout, partition);
    }
  }

  /** The error for a partition that a topic does not have. */
  static WeirException unknownPartition(TopicLayout layout, int partition) {
    return new WeirException(
        ErrorCode.UNKNOWN_PARTITION,
        "topic '"
            + layout.name()
            + "' has no partition "
            + partition
            + "; it has 0 to "
            + (layout.partitionCount() - 1));
  }

  /** One attempt to ask the leader; a time after the last record means the end. */
  static Mono<Long> offset(
      Requests requests,
      ClientConnection leader,
      PartitionTarget partition,
      StartingPosition position,
      boolean readCommitted) {
    if (position instanceof StartingPosition.AtOffset at) {
      return Mono.just(at.offset());
    }
    ListOffsetsRequest.Builder request =
        ListOffsetsRequest.newBuilder()
            .setTopicId(partition.topicId())
            .setPartition(partition.partition())
            .setIsolation(readCommitted ? Isolation.READ_COMMITTED : Isolation.READ_UNCOMMITTED);
    if (position instanceof StartingPosition.Earliest) {
      request.setEarliest(true);
    } else if (position instanceof StartingPosition.AtTime at) {
      request.setTimestamp(at.time().toEpochMilli());
    } else {
      request.setLatest(true);
    }
    return requests
        .once(leader, Routes.OFFSETS_LIST, request.build(), ListOffsetsResponse.parser())
        .flatMap(
            answer ->
                answer.getOffset() >= 0
                    ? Mono.just(answer.getOffset())
                    : offset(
                        requests, leader, partition, StartingPosition.latest(), readCommitted));
  }
}
