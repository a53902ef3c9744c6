package dev.weir.broker.control;

import com.google.protobuf.Message;
import dev.weir.broker.partition.HostedPartition;
import dev.weir.broker.partition.HostedPartitions;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.ListOffsetsRequest;
import dev.weir.core.protocol.ListOffsetsResponse;
import dev.weir.core.topic.TopicId;
import dev.weir.replication.Isolation;
import dev.weir.replication.Replica;
import dev.weir.storage.OffsetLookup;
import dev.weir.storage.OffsetOutcome;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** Route {@code offsets.list}: offsets by position or time. */
final class ListOffsetsAction implements ControlHandler.Action<ListOffsetsRequest.Builder> {
  private final HostedPartitions partitions;
  private final Executor readExecutor;

  ListOffsetsAction(HostedPartitions partitions, Executor readExecutor) {
    this.partitions = partitions;
    this.readExecutor = readExecutor;
  }

  @Override
  public CompletionStage<? extends Message> answer(ListOffsetsRequest.Builder request) {
    if (request.getTopicId().size() != TopicId.BYTES) {
      throw new WeirException(
          ErrorCode.INVALID_REQUEST,
          "topic_id has %d bytes, expected %d"
              .formatted(request.getTopicId().size(), TopicId.BYTES));
    }
    TopicId topic = TopicId.of(request.getTopicId().asReadOnlyByteBuffer());
    HostedPartition partition = partitions.find(topic, request.getPartition());
    Isolation isolation =
        switch (request.getIsolation()) {
          case READ_UNCOMMITTED -> Isolation.READ_UNCOMMITTED;
          case READ_COMMITTED -> Isolation.READ_COMMITTED;
          case UNRECOGNIZED ->
              throw new WeirException(
                  ErrorCode.INVALID_REQUEST,
                  "isolation " + request.getIsolationValue() + " is not known");
        };
    CompletableFuture<ListOffsetsResponse> answer = new CompletableFuture<>();
    partition.execute(
        () -> {
          Replica replica = partition.replica();
          int epoch = replica.leaderEpoch();
          switch (request.getAtCase()) {
            case EARLIEST -> answer.complete(at(replica.logStartOffset(), -1, epoch));
            case LATEST -> answer.complete(at(replica.limitFor(isolation), -1, epoch));
            case TIMESTAMP ->
                search(
                    replica.offsetForTimestamp(request.getTimestamp(), isolation), epoch, answer);
            case AT_NOT_SET ->
                answer.completeExceptionally(
                    new WeirException(
                        ErrorCode.INVALID_REQUEST,
                        "one of earliest, latest and timestamp is needed"));
          }
        });
    return answer;
  }

  private void search(
      OffsetLookup lookup, int epoch, CompletableFuture<ListOffsetsResponse> answer) {
    try {
      readExecutor.execute(
          () -> {
            OffsetOutcome outcome = lookup.run();
            if (outcome instanceof OffsetOutcome.Found found) {
              answer.complete(at(found.offset(), found.timestamp(), epoch));
            } else if (outcome instanceof OffsetOutcome.NotFound) {
              answer.complete(at(-1, -1, epoch));
            } else if (outcome instanceof OffsetOutcome.Unavailable unavailable) {
              answer.completeExceptionally(
                  new WeirException(unavailable.code(), unavailable.message()));
            }
          });
    } catch (RejectedExecutionException e) {
      lookup.abandon();
      answer.completeExceptionally(
          new WeirException(ErrorCode.SHUTTING_DOWN, "the broker is shutting down"));
    }
  }

  private static ListOffsetsResponse at(long offset, long timestamp, int epoch) {
    return ListOffsetsResponse.newBuilder()
        .setOffset(offset)
        .setTimestamp(timestamp)
        .setLeaderEpoch(epoch)
        .build();
  }
}
