package dev.weir.broker.control;

import com.google.protobuf.Message;
import dev.weir.broker.partition.HostedPartition;
import dev.weir.broker.partition.HostedPartitions;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.ListOffsetsRequest;
import dev.weir.core.protocol.ListOffsetsResponse;
import dev.weir.replication.Isolation;
import dev.weir.replication.Replica;
import dev.weir.storage.OffsetLookup;
import dev.weir.storage.OffsetOutcome;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Route {@code offsets.list}: offsets by position or time. Searches by time read from the disk, so
 * only so many may be outstanding; the broker answers OVERLOADED to more.
 */
final class ListOffsetsAction implements ControlHandler.Action<ListOffsetsRequest.Builder> {
  private static final int MAX_SEARCHES = 64;

  private final Semaphore searches = new Semaphore(MAX_SEARCHES);
  private final HostedPartitions partitions;
  private final Executor readExecutor;

  ListOffsetsAction(HostedPartitions partitions, Executor readExecutor) {
    this.partitions = partitions;
    this.readExecutor = readExecutor;
  }

  @Override
  public CompletionStage<? extends Message> answer(ListOffsetsRequest.Builder request) {
    HostedPartition partition = partitions.find(request.getTopicId(), request.getPartition());
    Isolation isolation =
        switch (request.getIsolation()) {
          case READ_UNCOMMITTED -> Isolation.READ_UNCOMMITTED;
          case READ_COMMITTED -> Isolation.READ_COMMITTED;
          case UNRECOGNIZED ->
              throw new WeirException(
                  ErrorCode.INVALID_REQUEST,
                  "isolation " + request.getIsolationValue() + " is not known");
        };
    return partition
        .ask(replica -> answer(request, isolation, replica))
        .thenCompose(Function.identity());
  }

  /** In the partition's loop. */
  private CompletionStage<ListOffsetsResponse> answer(
      ListOffsetsRequest.Builder request, Isolation isolation, Replica replica) {
    int epoch = replica.leaderEpoch();
    return switch (request.getAtCase()) {
      case EARLIEST -> CompletableFuture.completedStage(at(replica.logStartOffset(), -1, epoch));
      case LATEST -> CompletableFuture.completedStage(at(replica.limitFor(isolation), -1, epoch));
      case TIMESTAMP ->
          search(() -> replica.offsetForTimestamp(request.getTimestamp(), isolation), epoch);
      case AT_NOT_SET ->
          throw new WeirException(
              ErrorCode.INVALID_REQUEST, "one of earliest, latest and timestamp is needed");
    };
  }

  private CompletionStage<ListOffsetsResponse> search(Supplier<OffsetLookup> begin, int epoch) {
    if (!searches.tryAcquire()) {
      throw new WeirException(
          ErrorCode.OVERLOADED,
          MAX_SEARCHES + " searches by time are under way already; try again later");
    }
    CompletableFuture<OffsetOutcome> running;
    try {
      running = run(begin.get());
    } catch (Throwable e) {
      searches.release();
      throw e;
    }
    return running
        .whenComplete((outcome, failure) -> searches.release())
        .thenApply(outcome -> found(outcome, epoch));
  }

  private CompletableFuture<OffsetOutcome> run(OffsetLookup lookup) {
    try {
      return CompletableFuture.supplyAsync(lookup::run, readExecutor);
    } catch (RejectedExecutionException e) {
      lookup.abandon();
      throw new WeirException(ErrorCode.SHUTTING_DOWN, "the broker is shutting down");
    }
  }

  private static ListOffsetsResponse found(OffsetOutcome outcome, int epoch) {
    if (outcome instanceof OffsetOutcome.Found found) {
      return at(found.offset(), found.timestamp(), epoch);
    } else if (outcome instanceof OffsetOutcome.Unavailable unavailable) {
      throw new WeirException(unavailable.code(), unavailable.message());
    }
    return at(-1, -1, epoch);
  }

  private static ListOffsetsResponse at(long offset, long timestamp, int epoch) {
    return ListOffsetsResponse.newBuilder()
        .setOffset(offset)
        .setTimestamp(timestamp)
        .setLeaderEpoch(epoch)
        .build();
  }
}
