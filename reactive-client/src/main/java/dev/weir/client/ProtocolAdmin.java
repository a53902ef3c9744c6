package dev.weir.client;

import dev.weir.core.protocol.AlterTopicRequest;
import dev.weir.core.protocol.AlterTopicResponse;
import dev.weir.core.protocol.CreateTopicRequest;
import dev.weir.core.protocol.CreateTopicResponse;
import dev.weir.core.protocol.DeleteBefore;
import dev.weir.core.protocol.DeleteRecordsRequest;
import dev.weir.core.protocol.DeleteRecordsResponse;
import dev.weir.core.protocol.DeleteTopicRequest;
import dev.weir.core.protocol.DeleteTopicResponse;
import dev.weir.core.protocol.DeletedRecords;
import dev.weir.core.protocol.DescribeTopicRequest;
import dev.weir.core.protocol.DescribeTopicResponse;
import dev.weir.core.protocol.ListTopicsRequest;
import dev.weir.core.protocol.ListTopicsResponse;
import dev.weir.core.protocol.MetadataRequest;
import dev.weir.core.protocol.MetadataResponse;
import dev.weir.core.protocol.PartitionInfo;
import dev.weir.core.protocol.PartitionStatus;
import dev.weir.core.protocol.TopicInfo;
import dev.weir.core.route.Routes;
import dev.weir.core.topic.TopicId;
import dev.weir.core.topic.TopicPartition;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import reactor.core.publisher.Mono;

/** Admin as single requests of the protocol. */
final class ProtocolAdmin implements WeirAdmin {
  private final Cluster cluster;
  private final ProtocolGroups groups;

  ProtocolAdmin(Cluster cluster) {
    this.cluster = cluster;
    this.groups = new ProtocolGroups(cluster, this::offset);
  }

  @Override
  public Mono<TopicId> createTopic(NewTopic topic) {
    CreateTopicRequest request =
        CreateTopicRequest.newBuilder()
            .setName(topic.name())
            .setPartitions(topic.partitions())
            .setReplicationFactor(topic.replicationFactor())
            .putAllConfig(topic.config())
            .build();
    return cluster
        .requests()
        .tell(Routes.ADMIN_TOPICS_CREATE, request, CreateTopicResponse.parser())
        .map(response -> TopicId.of(response.getTopicId().asReadOnlyByteBuffer()));
  }

  @Override
  public Mono<Void> deleteTopic(String name) {
    return cluster
        .requests()
        .tell(
            Routes.ADMIN_TOPICS_DELETE,
            DeleteTopicRequest.newBuilder().setName(name).build(),
            DeleteTopicResponse.parser())
        .then();
  }

  @Override
  public Mono<Void> alterTopic(String name, Map<String, String> set, Set<String> reset) {
    AlterTopicRequest request =
        AlterTopicRequest.newBuilder().setName(name).putAllSet(set).addAllReset(reset).build();
    return cluster
        .requests()
        .tell(Routes.ADMIN_TOPICS_ALTER, request, AlterTopicResponse.parser())
        .then();
  }

  @Override
  public Mono<Map<Integer, RecordDeletion>> deleteRecords(String topic, Map<Integer, Long> before) {
    DeleteRecordsRequest.Builder request = DeleteRecordsRequest.newBuilder().setName(topic);
    before.forEach(
        (partition, offset) ->
            request.addPartitions(
                DeleteBefore.newBuilder().setPartition(partition).setOffset(offset)));
    return cluster
        .requests()
        .tell(Routes.ADMIN_TOPICS_DELETE_RECORDS, request.build(), DeleteRecordsResponse.parser())
        .map(ProtocolAdmin::deletions);
  }

  @Override
  public Mono<List<TopicListing>> listTopics() {
    return cluster
        .requests()
        .ask(
            Routes.ADMIN_TOPICS_LIST,
            ListTopicsRequest.getDefaultInstance(),
            ListTopicsResponse.parser())
        .map(
            response ->
                response.getTopicsList().stream()
                    .map(ProtocolAdmin::listing)
                    .sorted(Comparator.comparing(TopicListing::name))
                    .toList());
  }

  @Override
  public Mono<TopicDescription> describeTopic(String name) {
    return cluster
        .requests()
        .ask(
            Routes.ADMIN_TOPICS_DESCRIBE,
            DescribeTopicRequest.newBuilder().setName(name).build(),
            DescribeTopicResponse.parser())
        .map(ProtocolAdmin::description);
  }

  @Override
  public Mono<ClusterDescription> describeCluster() {
    return cluster
        .requests()
        .ask(Routes.METADATA, MetadataRequest.getDefaultInstance(), MetadataResponse.parser())
        .map(
            response ->
                new ClusterDescription(
                    response.getClusterId(),
                    response.getBrokersList().stream()
                        .map(
                            broker ->
                                new ClusterDescription.Broker(
                                    broker.getId(),
                                    new ServerAddress(broker.getHost(), broker.getPort())))
                        .toList()));
  }

  @Override
  public Mono<Long> offset(TopicPartition partition, StartingPosition position) {
    return cluster
        .requests()
        .patiently(
            () ->
                cluster
                    .topics()
                    .fresh(partition.topic())
                    .flatMap(layout -> offset(layout, partition.partition(), position)));
  }

  @Override
  public Mono<List<GroupListing>> listGroups() {
    return describeCluster().flatMap(groups::list);
  }

  @Override
  public Mono<GroupDescription> describeGroup(String group) {
    return groups.describe(group);
  }

  @Override
  public Mono<Map<Integer, Long>> resetOffsets(String group, String topic, StartingPosition to) {
    return groups.reset(group, topic, to);
  }

  @Override
  public Mono<Void> deleteGroup(String group) {
    return groups.delete(group);
  }

  @Override
  public Mono<Void> deleteOffsets(String group, Set<TopicPartition> partitions) {
    return groups.deleteOffsets(group, partitions);
  }

  @Override
  public Mono<Map<TopicPartition, Long>> committedOffsets(
      String group, Set<TopicPartition> partitions) {
    return groups.committed(group, partitions);
  }

  @Override
  public Mono<Void> commitOffsets(String group, Map<TopicPartition, Long> offsets) {
    return groups.commit(group, offsets);
  }

  private Mono<Long> offset(TopicLayout layout, int partition, StartingPosition position) {
    return Mono.defer(
        () -> {
          ServerAddress leader = PartitionLookup.leaderOf(layout, partition);
          return cluster
              .links()
              .to(leader)
              .flatMap(
                  broker ->
                      PartitionLookup.offset(
                          cluster.requests(), broker, layout.target(partition), position, false));
        });
  }

  private static Map<Integer, RecordDeletion> deletions(DeleteRecordsResponse response) {
    Map<Integer, RecordDeletion> deletions = new TreeMap<>();
    for (DeletedRecords each : response.getPartitionsList()) {
      deletions.put(
          each.getPartition(),
          each.getError() == 0
              ? new RecordDeletion.Deleted(each.getLowWatermark())
              : new RecordDeletion.Refused(
                  Topics.errorOf(each.getError(), each.getErrorMessage())));
    }
    return deletions;
  }

  private static TopicListing listing(TopicInfo info) {
    int replicas = info.getPartitionsCount() == 0 ? 0 : info.getPartitions(0).getReplicasCount();
    return new TopicListing(
        info.getName(),
        TopicId.of(info.getTopicId().asReadOnlyByteBuffer()),
        info.getPartitionsCount(),
        replicas,
        Map.copyOf(info.getConfigMap()));
  }

  private static TopicDescription description(DescribeTopicResponse response) {
    TopicInfo info = response.getTopic();
    if (info.getError() != 0) {
      throw Topics.errorOf(info.getError(), info.getErrorMessage());
    }
    Map<Integer, PartitionStatus> statuses = new HashMap<>();
    response.getPartitionsList().forEach(status -> statuses.put(status.getPartition(), status));
    List<TopicDescription.Partition> partitions = new ArrayList<>();
    for (PartitionInfo partition : info.getPartitionsList()) {
      partitions.add(
          partition(
              partition,
              statuses.getOrDefault(
                  partition.getPartition(), PartitionStatus.getDefaultInstance())));
    }
    partitions.sort(Comparator.comparingInt(TopicDescription.Partition::partition));
    return new TopicDescription(
        info.getName(),
        TopicId.of(info.getTopicId().asReadOnlyByteBuffer()),
        Map.copyOf(info.getConfigMap()),
        Map.copyOf(response.getEffectiveConfigMap()),
        List.copyOf(partitions));
  }

  private static TopicDescription.Partition partition(PartitionInfo info, PartitionStatus status) {
    return new TopicDescription.Partition(
        info.getPartition(),
        info.getLeader(),
        info.getLeaderEpoch(),
        List.copyOf(info.getReplicasList()),
        List.copyOf(info.getInSyncList()),
        status.getLogStartOffset(),
        status.getLogEndOffset(),
        status.getFlushedOffset(),
        status.getHighWatermark(),
        status.getSizeBytes(),
        status.getState());
  }
}
