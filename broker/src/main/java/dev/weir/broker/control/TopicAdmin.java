package dev.weir.broker.control;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.weir.broker.partition.HostedPartitions;
import dev.weir.broker.partition.TopicConfig;
import dev.weir.broker.partition.TopicSettings;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.AlterTopicRequest;
import dev.weir.core.protocol.AlterTopicResponse;
import dev.weir.core.protocol.CreateTopicRequest;
import dev.weir.core.protocol.CreateTopicResponse;
import dev.weir.core.protocol.DeleteTopicRequest;
import dev.weir.core.protocol.DeleteTopicResponse;
import dev.weir.core.protocol.ListTopicsRequest;
import dev.weir.core.protocol.ListTopicsResponse;
import dev.weir.core.topic.TopicId;
import dev.weir.core.topic.TopicNames;
import dev.weir.metadata.ClusterImage;
import dev.weir.metadata.MetadataCommand.CreateTopic;
import dev.weir.metadata.MetadataCommand.DeleteTopic;
import dev.weir.metadata.MetadataCommand.SetTopicConfig;
import dev.weir.metadata.MetadataResult;
import dev.weir.metadata.MetadataStore;
import dev.weir.metadata.TopicImage;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Routes {@code admin.topics.*} that change or list topics. Any thread. */
final class TopicAdmin {
  private static final String CLEANUP_POLICY = "cleanup.policy";

  private final MetadataStore store;
  private final HostedPartitions partitions;
  private final Map<String, String> topicDefaults;
  private final int maxPartitions;

  TopicAdmin(
      MetadataStore store,
      HostedPartitions partitions,
      Map<String, String> topicDefaults,
      int maxPartitions) {
    this.store = store;
    this.partitions = partitions;
    this.topicDefaults = topicDefaults;
    this.maxPartitions = maxPartitions;
  }

  /** Answers when every partition is ready to be used; without all of them there is no topic. */
  CompletionStage<? extends Message> create(CreateTopicRequest.Builder request) {
    String name = requireClients(TopicNames.requireValid(request.getName()), "created");
    TopicConfig config = TopicConfig.resolve(topicDefaults, request.getConfigMap());
    ClusterImage image = store.images().current();
    TopicId id = TopicId.of(UUID.randomUUID());
    List<List<Integer>> replicas = replicas(request, image);
    config.requireFor(replicas.get(0).size());
    CreateTopic command = new CreateTopic(name, id, replicas, request.getConfigMap());
    return store
        .submit(command)
        .thenApply(TopicAdmin::requireApplied)
        .thenCompose(applied -> openOrDelete(id))
        .thenApply(
            ignored ->
                CreateTopicResponse.newBuilder()
                    .setTopicId(ByteString.copyFrom(id.toBytes()))
                    .build());
  }

  private CompletionStage<Void> openOrDelete(TopicId id) {
    return partitions
        .whenOpen(id)
        .exceptionallyCompose(
            failure ->
                store
                    .submit(new DeleteTopic(id))
                    .handle((deleted, alsoFailed) -> null)
                    .thenCompose(ignored -> CompletableFuture.failedStage(failure)));
  }

  CompletionStage<? extends Message> delete(DeleteTopicRequest.Builder request) {
    TopicImage topic = TopicInfos.require(store.images().current(), request.getName());
    requireClients(topic.name(), "deleted");
    return store
        .submit(new DeleteTopic(topic.id()))
        .thenApply(TopicAdmin::requireApplied)
        .thenApply(applied -> DeleteTopicResponse.getDefaultInstance());
  }

  CompletionStage<? extends Message> alter(AlterTopicRequest.Builder request) {
    TopicImage topic = TopicInfos.require(store.images().current(), request.getName());
    Map<String, String> config = new HashMap<>(topic.config());
    config.putAll(request.getSetMap());
    for (String reset : request.getResetList()) {
      TopicConfig.requireKnown(reset);
      config.remove(reset);
    }
    if (!Objects.equals(config.get(CLEANUP_POLICY), topic.config().get(CLEANUP_POLICY))) {
      requireClients(topic.name(), "given another cleanup.policy");
    }
    TopicConfig resolved = TopicConfig.resolve(topicDefaults, config);
    if (!Objects.equals(
        config.get(TopicSettings.MIN_INSYNC_REPLICAS),
        topic.config().get(TopicSettings.MIN_INSYNC_REPLICAS))) {
      // a topic that is there with too large a default can still be changed in other ways
      resolved.requireFor(topic.partitions().get(0).replicas().size());
    }
    return store
        .submit(new SetTopicConfig(topic.id(), topic.version(), config))
        .thenApply(TopicAdmin::requireApplied)
        .thenApply(applied -> AlterTopicResponse.getDefaultInstance());
  }

  CompletionStage<? extends Message> list(ListTopicsRequest.Builder request) {
    ListTopicsResponse.Builder answer = ListTopicsResponse.newBuilder();
    store.images().current().topics().values().stream()
        .sorted(Comparator.comparing(TopicImage::name))
        .forEach(topic -> answer.addTopics(TopicInfos.of(topic)));
    return CompletableFuture.completedStage(answer.build());
  }

  private List<List<Integer>> replicas(CreateTopicRequest.Builder request, ClusterImage image) {
    long count = Math.max(1, Integer.toUnsignedLong(request.getPartitions()));
    int free = maxPartitions - partitions.count();
    if (count > free) {
      throw new WeirException(
          ErrorCode.INVALID_REQUEST,
          "topic '%s' asks for %d partitions; this broker has room for %d of its %d (partitions.max)"
              .formatted(request.getName(), count, Math.max(0, free), maxPartitions));
    }
    long factor = Math.max(1, Integer.toUnsignedLong(request.getReplicationFactor()));
    return ReplicaPlacement.spread((int) count, factor, image);
  }

  /** POLICY_VIOLATION for the broker's own topics. */
  private static String requireClients(String name, String done) {
    if (TopicNames.isInternal(name)) {
      throw new WeirException(
          ErrorCode.POLICY_VIOLATION,
          "topic '%s' cannot be %s: names that begin with '%s' are for the broker's own topics"
              .formatted(name, done, TopicNames.INTERNAL_PREFIX));
    }
    return name;
  }

  private static MetadataResult.Applied requireApplied(MetadataResult result) {
    if (result instanceof MetadataResult.Applied applied) {
      return applied;
    } else if (result instanceof MetadataResult.Refused refused) {
      throw new WeirException(refused.code(), refused.message());
    }
    throw new WeirException(
        ErrorCode.VERSION_CONFLICT, "the topic was changed by somebody else at the same time");
  }
}
