package dev.weir.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.AssignedPartition;
import dev.weir.core.protocol.BrokerInfo;
import dev.weir.core.protocol.CommitOffsetsRequest;
import dev.weir.core.protocol.CommitOffsetsResponse;
import dev.weir.core.protocol.DeleteGroupRequest;
import dev.weir.core.protocol.DeleteGroupResponse;
import dev.weir.core.protocol.DeleteOffsetsRequest;
import dev.weir.core.protocol.DeleteOffsetsResponse;
import dev.weir.core.protocol.DescribeGroupRequest;
import dev.weir.core.protocol.DescribeGroupResponse;
import dev.weir.core.protocol.FetchOffsetsRequest;
import dev.weir.core.protocol.FetchOffsetsResponse;
import dev.weir.core.protocol.GroupLag;
import dev.weir.core.protocol.GroupOffset;
import dev.weir.core.protocol.GroupPartition;
import dev.weir.core.protocol.ListGroupsRequest;
import dev.weir.core.protocol.ListGroupsResponse;
import dev.weir.core.protocol.MemberInfo;
import dev.weir.core.protocol.PartitionError;
import dev.weir.core.route.Routes;
import dev.weir.core.topic.TopicPartition;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What {@link WeirAdmin} says of groups, as requests to their coordinators. */
final class ProtocolGroups {
  private static final int LOOKUPS_AT_ONCE = 16;
  private static final Comparator<TopicPartition> BY_NAME =
      Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition);

  private final Cluster cluster;
  private final BiFunction<TopicPartition, StartingPosition, Mono<Long>> offsets;

  /**
   * @param offsets tells which offset a position means
   */
  ProtocolGroups(
      Cluster cluster, BiFunction<TopicPartition, StartingPosition, Mono<Long>> offsets) {
    this.cluster = cluster;
    this.offsets = offsets;
  }

  Mono<List<GroupListing>> list(ClusterDescription brokers) {
    return Flux.fromIterable(brokers.brokers())
        .flatMap(broker -> list(broker.address()))
        .flatMapIterable(ListGroupsResponse::getGroupsList)
        .map(each -> new GroupListing(each.getGroup(), each.getState(), each.getMembers()))
        .sort(Comparator.comparing(GroupListing::group))
        .collectList();
  }

  Mono<GroupDescription> describe(String group) {
    return ask(
            group,
            Routes.ADMIN_GROUPS_DESCRIBE,
            DescribeGroupRequest.newBuilder().setGroup(group).build(),
            DescribeGroupResponse.parser())
        .flatMap(
            answer ->
                Flux.fromIterable(answer.getPartitionsList())
                    .flatMap(this::withHighWatermark, LOOKUPS_AT_ONCE)
                    .sort(Comparator.comparing(GroupDescription.Partition::partition, BY_NAME))
                    .collectList()
                    .map(partitions -> description(answer, partitions)));
  }

  Mono<Map<TopicPartition, Long>> committed(String group, Set<TopicPartition> wanted) {
    return stored(group)
        .map(
            all ->
                all.stream()
                    .filter(each -> wanted.isEmpty() || wanted.contains(nameOf(each)))
                    .filter(each -> each.getCommitted().getOffset() >= 0)
                    .collect(
                        Collectors.toMap(
                            ProtocolGroups::nameOf,
                            each -> each.getCommitted().getOffset(),
                            (one, other) -> one,
                            () -> new TreeMap<>(BY_NAME))));
  }

  Mono<Void> commit(String group, Map<TopicPartition, Long> committed) {
    return Flux.fromIterable(committed.entrySet())
        .flatMap(
            each ->
                id(each.getKey()).map(id -> offset(id, each.getKey().partition(), each.getValue())),
            LOOKUPS_AT_ONCE)
        .collectList()
        .flatMap(
            chosen ->
                // The same offsets again do no harm, so this is repeated like a question.
                ask(
                    group,
                    Routes.OFFSETS_COMMIT,
                    CommitOffsetsRequest.newBuilder().setGroup(group).addAllOffsets(chosen).build(),
                    CommitOffsetsResponse.parser()))
        .flatMap(answer -> failIfAny(answer.getErrorsList()));
  }

  Mono<Map<Integer, Long>> reset(String group, String topic, StartingPosition to) {
    return cluster
        .topics()
        .fresh(topic)
        .flatMapMany(layout -> Flux.range(0, layout.partitionCount()))
        .map(partition -> new TopicPartition(topic, partition))
        .flatMap(each -> target(each, to).map(at -> Map.entry(each, at)), LOOKUPS_AT_ONCE)
        .collectMap(Map.Entry::getKey, Map.Entry::getValue)
        .flatMap(
            chosen -> {
              Map<Integer, Long> answer = new TreeMap<>();
              chosen.forEach((partition, at) -> answer.put(partition.partition(), at));
              return commit(group, chosen).thenReturn(answer);
            });
  }

  Mono<Void> delete(String group) {
    return change(
            group,
            Routes.ADMIN_GROUPS_DELETE,
            DeleteGroupRequest.newBuilder().setGroup(group).build(),
            DeleteGroupResponse.parser())
        .then();
  }

  Mono<Void> deleteOffsets(String group, Set<TopicPartition> partitions) {
    return stored(group)
        .map(
            all ->
                all.stream()
                    .filter(each -> partitions.contains(nameOf(each)))
                    .map(ProtocolGroups::keyOf)
                    .toList())
        .flatMap(
            keys ->
                keys.isEmpty()
                    ? Mono.empty()
                    : change(
                        group,
                        Routes.ADMIN_GROUPS_DELETE_OFFSETS,
                        DeleteOffsetsRequest.newBuilder()
                            .setGroup(group)
                            .addAllPartitions(keys)
                            .build(),
                        DeleteOffsetsResponse.parser()))
        .flatMap(answer -> failIfAny(answer.getErrorsList()));
  }

  private Mono<List<AssignedPartition>> stored(String group) {
    return ask(
            group,
            Routes.OFFSETS_FETCH,
            FetchOffsetsRequest.newBuilder().setGroup(group).build(),
            FetchOffsetsResponse.parser())
        .map(FetchOffsetsResponse::getOffsetsList);
  }

  private Mono<ListGroupsResponse> list(ServerAddress broker) {
    return cluster
        .requests()
        .patiently(
            () ->
                cluster
                    .links()
                    .to(broker)
                    .flatMap(
                        to ->
                            cluster
                                .requests()
                                .once(
                                    to,
                                    Routes.ADMIN_GROUPS_LIST,
                                    ListGroupsRequest.getDefaultInstance(),
                                    ListGroupsResponse.parser())));
  }

  /** Asks the group's coordinator, again after each retriable error. */
  private <T> Mono<T> ask(String group, String route, MessageLite question, Parser<T> answer) {
    return cluster
        .requests()
        .patiently(
            () ->
                GroupChannel.coordinator(cluster, group)
                    .flatMap(broker -> cluster.requests().once(broker, route, question, answer)));
  }

  /** The answer to an order, or the error that must not be answered by repeating it. */
  private record Outcome<T>(@Nullable T answer, @Nullable WeirException error) {
    Mono<T> asMono() {
      return error != null ? Mono.error(error) : Mono.justOrEmpty(answer);
    }
  }

  /** Has the coordinator do something once: repeated while it was certainly not done. */
  private <T> Mono<T> change(String group, String route, MessageLite order, Parser<T> answer) {
    return cluster
        .requests()
        .patiently(
            () ->
                GroupChannel.coordinator(cluster, group)
                    .flatMap(
                        broker ->
                            cluster
                                .requests()
                                .once(broker, route, order, answer)
                                .map(done -> new Outcome<T>(done, null))
                                .onErrorResume(
                                    WeirException.class,
                                    error ->
                                        error.code().mayHaveBeenApplied()
                                            ? Mono.just(
                                                new Outcome<T>(
                                                    null, Requests.outcomeOf(error, route)))
                                            : Mono.error(error))))
        .flatMap(Outcome::asMono);
  }

  /** Where a partition is to be reset to. */
  private Mono<Long> target(TopicPartition partition, StartingPosition to) {
    if (!(to instanceof StartingPosition.AtOffset at)) {
      return offsets.apply(partition, to);
    }
    return Mono.zip(
            offsets.apply(partition, StartingPosition.earliest()),
            offsets.apply(partition, StartingPosition.latest()))
        .flatMap(
            range ->
                at.offset() >= range.getT1() && at.offset() <= range.getT2()
                    ? Mono.just(at.offset())
                    : Mono.error(
                        new WeirException(
                            ErrorCode.OFFSET_OUT_OF_RANGE,
                            partition
                                + " has offsets "
                                + range.getT1()
                                + " to "
                                + range.getT2()
                                + ", not "
                                + at.offset())));
  }

  private Mono<ByteString> id(TopicPartition partition) {
    return cluster
        .topics()
        .fresh(partition.topic())
        .map(
            layout -> {
              PartitionLookup.requirePartition(layout, partition.partition());
              return layout.idBytes();
            });
  }

  private Mono<GroupDescription.Partition> withHighWatermark(GroupLag lag) {
    if (lag.getHighWatermark() >= 0) {
      return Mono.just(partition(lag, lag.getHighWatermark()));
    }
    return offsets
        .apply(new TopicPartition(lag.getTopic(), lag.getPartition()), StartingPosition.latest())
        .onErrorResume(ProtocolGroups::isGone, error -> Mono.just(-1L))
        .map(highWatermark -> partition(lag, highWatermark));
  }

  private static boolean isGone(Throwable error) {
    return error instanceof WeirException weir
        && (weir.code() == ErrorCode.UNKNOWN_TOPIC || weir.code() == ErrorCode.UNKNOWN_PARTITION);
  }

  private static GroupDescription.Partition partition(GroupLag lag, long highWatermark) {
    return new GroupDescription.Partition(
        new TopicPartition(lag.getTopic(), lag.getPartition()),
        lag.getCommittedOffset(),
        highWatermark,
        lag.getMemberId(),
        lag.getDraining(),
        lag.getAcknowledgedAbove(),
        lag.getMetadata());
  }

  private static GroupDescription description(
      DescribeGroupResponse answer, List<GroupDescription.Partition> partitions) {
    BrokerInfo broker = answer.getCoordinator();
    return new GroupDescription(
        answer.getGroup(),
        answer.getState(),
        answer.getGroupEpoch(),
        answer.getAssignor(),
        new ServerAddress(broker.getHost(), broker.getPort()),
        answer.getMembersList().stream().map(ProtocolGroups::member).toList(),
        List.copyOf(partitions));
  }

  private static GroupDescription.Member member(MemberInfo info) {
    return new GroupDescription.Member(
        info.getMemberId(),
        info.getInstanceId(),
        info.getClientId(),
        info.getRemoteAddress(),
        info.getMemberEpoch(),
        Set.copyOf(info.getTopicsList()));
  }

  private static GroupOffset offset(ByteString topicId, int partition, long offset) {
    if (offset < 0) {
      throw new IllegalArgumentException("an offset is not negative: " + offset);
    }
    return GroupOffset.newBuilder()
        .setTopicId(topicId)
        .setPartition(partition)
        .setOffset(offset)
        .setLeaderEpoch(-1)
        .build();
  }

  private static TopicPartition nameOf(AssignedPartition partition) {
    return new TopicPartition(partition.getTopic(), partition.getCommitted().getPartition());
  }

  private static GroupPartition keyOf(AssignedPartition partition) {
    return GroupPartition.newBuilder()
        .setTopicId(partition.getCommitted().getTopicId())
        .setPartition(partition.getCommitted().getPartition())
        .build();
  }

  private static Mono<Void> failIfAny(Collection<PartitionError> errors) {
    return errors.isEmpty()
        ? Mono.empty()
        : Mono.defer(
            () -> {
              PartitionError first = errors.iterator().next();
              return Mono.error(Topics.errorOf(first.getError(), first.getErrorMessage()));
            });
  }
}
