package dev.weir.broker.group;

import com.google.protobuf.Message;
import dev.weir.broker.control.BrokerInfos;
import dev.weir.broker.control.ControlRoutes;
import dev.weir.broker.group.state.GroupAdmin;
import dev.weir.broker.group.state.Result;
import dev.weir.broker.partition.HostedPartitions;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.CommitOffsetsRequest;
import dev.weir.core.protocol.DeleteGroupRequest;
import dev.weir.core.protocol.DeleteOffsetsRequest;
import dev.weir.core.protocol.DescribeGroupRequest;
import dev.weir.core.protocol.DescribeGroupResponse;
import dev.weir.core.protocol.FetchOffsetsRequest;
import dev.weir.core.protocol.FindCoordinatorRequest;
import dev.weir.core.protocol.FindCoordinatorResponse;
import dev.weir.core.protocol.GroupLag;
import dev.weir.core.protocol.GroupListing;
import dev.weir.core.protocol.ListGroupsRequest;
import dev.weir.core.protocol.ListGroupsResponse;
import dev.weir.metadata.BrokerImage;
import dev.weir.metadata.ClusterImage;
import dev.weir.metadata.ClusterImages;
import dev.weir.metadata.PartitionImage;
import dev.weir.metadata.TopicImage;
import dev.weir.replication.Replica;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What is asked about groups, one request at a time. Any thread. */
final class GroupActions {
  private final GroupCoordinators coordinators;
  private final ClusterImages images;
  private final HostedPartitions partitions;
  private final ControlRoutes.Self self;

  GroupActions(
      GroupCoordinators coordinators,
      ClusterImages images,
      HostedPartitions partitions,
      ControlRoutes.Self self) {
    this.coordinators = coordinators;
    this.images = images;
    this.partitions = partitions;
    this.self = self;
  }

  CompletionStage<? extends Message> findCoordinator(FindCoordinatorRequest.Builder request) {
    return coordinators
        .placeOf(requireNamed(request.getGroup()))
        .thenApply(
            place ->
                FindCoordinatorResponse.newBuilder()
                    .setBroker(BrokerInfos.of(leader(place), self))
                    .setPartition(place.partition())
                    .build());
  }

  CompletionStage<? extends Message> commitOffsets(CommitOffsetsRequest.Builder request) {
    return ask(request.getGroup(), admin -> admin.commit(request))
        .whenComplete(
            (answer, failure) -> {
              int errors = answer == null ? request.getOffsetsCount() : answer.getErrorsCount();
              coordinators.counters().onCommit(request.getOffsetsCount(), errors);
            });
  }

  CompletionStage<? extends Message> fetchOffsets(FetchOffsetsRequest.Builder request) {
    return ask(request.getGroup(), admin -> admin.fetch(request));
  }

  CompletionStage<? extends Message> list(ListGroupsRequest.Builder request) {
    List<CompletableFuture<List<GroupListing>>> shards =
        coordinators.all().stream()
            .map(shard -> shard.ask(machine -> machine.admin().list()))
            .toList();
    return CompletableFuture.allOf(shards.toArray(CompletableFuture[]::new))
        .thenApply(
            ignored ->
                ListGroupsResponse.newBuilder()
                    .addAllGroups(
                        shards.stream()
                            .flatMap(shard -> shard.join().stream())
                            .sorted(Comparator.comparing(GroupListing::getGroup))
                            .toList())
                    .build());
  }

  CompletionStage<? extends Message> describe(DescribeGroupRequest.Builder request) {
    return askExisting(request.getGroup(), admin -> admin.describe(request.getGroup()))
        .thenCompose(this::withHighWatermarks);
  }

  CompletionStage<? extends Message> delete(DeleteGroupRequest.Builder request) {
    return askExisting(request.getGroup(), admin -> admin.delete(request.getGroup()));
  }

  CompletionStage<? extends Message> deleteOffsets(DeleteOffsetsRequest.Builder request) {
    return askExisting(request.getGroup(), admin -> admin.deleteOffsets(request));
  }

  private <T> CompletionStage<T> ask(String group, Function<GroupAdmin, Result<T>> question) {
    return coordinators
        .shardOf(requireNamed(group))
        .thenCompose(shard -> shard.ask(machine -> question.apply(machine.admin())));
  }

  private <T> CompletionStage<T> askExisting(
      String group, Function<GroupAdmin, Result<T>> question) {
    @Nullable GroupShard shard = coordinators.existingShardOf(requireNamed(group));
    if (shard == null) {
      throw new WeirException(ErrorCode.UNKNOWN_GROUP, "there is no group '" + group + "'");
    }
    return shard.ask(machine -> question.apply(machine.admin()));
  }

  private static String requireNamed(String group) {
    if (group.isEmpty()) {
      throw new WeirException(ErrorCode.INVALID_REQUEST, "the request names no group");
    }
    return group;
  }

  private BrokerImage leader(PartitionImage place) {
    @Nullable BrokerImage leader = images.current().brokers().get(place.leader());
    if (leader == null) {
      throw new WeirException(
          ErrorCode.COORDINATOR_LOADING, "the group has no coordinator at the moment; ask again");
    }
    return leader;
  }

  private CompletionStage<DescribeGroupResponse> withHighWatermarks(
      DescribeGroupResponse.Builder group) {
    ClusterImage image = images.current();
    @Nullable BrokerImage own = image.brokers().get(self.id());
    if (own != null) {
      group.setCoordinator(BrokerInfos.of(own, self));
    }
    List<CompletableFuture<GroupLag>> lags =
        group.getPartitionsList().stream().map(lag -> withHighWatermark(lag, image)).toList();
    return CompletableFuture.allOf(lags.toArray(CompletableFuture[]::new))
        .thenApply(
            ignored ->
                group
                    .clearPartitions()
                    .addAllPartitions(lags.stream().map(CompletableFuture::join).toList())
                    .build());
  }

  private CompletableFuture<GroupLag> withHighWatermark(GroupLag lag, ClusterImage image) {
    @Nullable TopicImage topic = image.topic(lag.getTopic());
    if (topic == null) {
      return CompletableFuture.completedFuture(lag);
    }
    try {
      return partitions
          .find(topic.id(), lag.getPartition())
          .ask(Replica::highWatermark)
          .thenApply(end -> lag.toBuilder().setHighWatermark(end).build());
    } catch (WeirException notHere) {
      return CompletableFuture.completedFuture(lag);
    }
  }
}
