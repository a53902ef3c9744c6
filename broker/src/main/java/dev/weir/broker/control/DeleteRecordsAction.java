package dev.weir.broker.control;

import com.google.protobuf.Message;
import dev.weir.broker.partition.HostedPartitions;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.DeleteBefore;
import dev.weir.core.protocol.DeleteRecordsRequest;
import dev.weir.core.protocol.DeleteRecordsResponse;
import dev.weir.core.protocol.DeletedRecords;
import dev.weir.metadata.ClusterImages;
import dev.weir.metadata.TopicImage;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Route {@code admin.topics.delete-records}: moves the start of partitions. Each partition answers
 * for itself, so that the request is answered whatever happens to one of them.
 */
final class DeleteRecordsAction implements ControlHandler.Action<DeleteRecordsRequest.Builder> {
  private final ClusterImages images;
  private final HostedPartitions partitions;

  DeleteRecordsAction(ClusterImages images, HostedPartitions partitions) {
    this.images = images;
    this.partitions = partitions;
  }

  @Override
  public CompletionStage<? extends Message> answer(DeleteRecordsRequest.Builder request) {
    TopicImage topic = TopicInfos.require(images.current(), request.getName());
    List<CompletableFuture<DeletedRecords>> answers =
        request.getPartitionsList().stream().map(each -> delete(topic, each)).toList();
    return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
        .thenApply(
            ignored ->
                DeleteRecordsResponse.newBuilder()
                    .addAllPartitions(answers.stream().map(CompletableFuture::join).toList())
                    .build());
  }

  private CompletableFuture<DeletedRecords> delete(TopicImage topic, DeleteBefore before) {
    CompletableFuture<Long> start;
    try {
      start =
          partitions
              .find(topic.id(), before.getPartition())
              .ask(replica -> replica.deleteBefore(before.getOffset()))
              .thenCompose(Function.identity());
    } catch (WeirException notHere) {
      start = CompletableFuture.failedFuture(notHere);
    }
    DeletedRecords.Builder answer = DeletedRecords.newBuilder().setPartition(before.getPartition());
    return start
        .thenApply(offset -> answer.setLowWatermark(offset).build())
        .exceptionally(failure -> refused(answer, failure));
  }

  /** Failures nobody foresaw fail the request. */
  private static DeletedRecords refused(DeletedRecords.Builder answer, Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof WeirException refusal) {
      return answer
          .setLowWatermark(-1)
          .setError(refusal.code().number())
          .setErrorMessage(String.valueOf(refusal.getMessage()))
          .build();
    }
    throw new CompletionException(cause);
  }
}
