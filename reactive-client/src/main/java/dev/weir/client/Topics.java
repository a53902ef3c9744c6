package dev.weir.client;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.protocol.BrokerInfo;
import dev.weir.core.protocol.MetadataRequest;
import dev.weir.core.protocol.MetadataResponse;
import dev.weir.core.protocol.PartitionInfo;
import dev.weir.core.protocol.TopicInfo;
import dev.weir.core.route.Routes;
import dev.weir.core.topic.TopicId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import reactor.core.publisher.Mono;

/**
 * Which topics there are and who leads their partitions, as brokers told it last. Whoever finds an
 * entry wrong asks for a fresh one. Any thread.
 */
final class Topics {
  private final Requests requests;
  private final Map<String, TopicLayout> known = new ConcurrentHashMap<>();
  private final Map<String, Mono<TopicLayout>> lookups = new ConcurrentHashMap<>();

  Topics(Requests requests) {
    this.requests = requests;
  }

  /** The topic's layout, possibly out of date; UNKNOWN_TOPIC. */
  Mono<TopicLayout> layout(String topic) {
    return Mono.defer(
        () -> {
          TopicLayout layout = known.get(topic);
          return layout != null ? Mono.just(layout) : fresh(topic);
        });
  }

  /** The topic's layout as brokers know it now; lookups at the same time share one question. */
  Mono<TopicLayout> fresh(String topic) {
    return Mono.defer(() -> lookups.computeIfAbsent(topic, this::lookup));
  }

  private Mono<TopicLayout> lookup(String topic) {
    return requests
        .ask(
            Routes.METADATA,
            MetadataRequest.newBuilder().addTopics(topic).build(),
            MetadataResponse.parser())
        .map(response -> layoutIn(response, topic))
        .doOnNext(layout -> known.put(topic, layout))
        .doOnError(error -> known.remove(topic))
        .doFinally(signal -> lookups.remove(topic))
        .cache();
  }

  private static TopicLayout layoutIn(MetadataResponse response, String topic) {
    for (TopicInfo info : response.getTopicsList()) {
      if (info.getName().equals(topic)) {
        if (info.getError() != 0) {
          throw errorOf(info.getError(), info.getErrorMessage());
        }
        return layoutOf(info, addresses(response));
      }
    }
    throw new WeirException(ErrorCode.UNKNOWN_TOPIC, "topic '" + topic + "' does not exist");
  }

  private static TopicLayout layoutOf(TopicInfo info, Map<Integer, ServerAddress> addresses) {
    List<Optional<ServerAddress>> leaders = new ArrayList<>();
    for (int i = 0; i < info.getPartitionsCount(); i++) {
      leaders.add(Optional.empty());
    }
    for (PartitionInfo partition : info.getPartitionsList()) {
      leaders.set(
          partition.getPartition(), Optional.ofNullable(addresses.get(partition.getLeader())));
    }
    TopicId id = TopicId.of(info.getTopicId().asReadOnlyByteBuffer());
    return new TopicLayout(info.getName(), id, List.copyOf(leaders));
  }

  private static Map<Integer, ServerAddress> addresses(MetadataResponse response) {
    Map<Integer, ServerAddress> addresses = new HashMap<>();
    for (BrokerInfo broker : response.getBrokersList()) {
      addresses.put(broker.getId(), new ServerAddress(broker.getHost(), broker.getPort()));
    }
    return addresses;
  }

  /** An error as it travels inside a message. */
  static WeirException errorOf(int number, String message) {
    ErrorCode code = ErrorCode.ofNumber(number);
    return code != null
        ? new WeirException(code, message)
        : new WeirException(ErrorCode.INTERNAL, "error " + number + ": " + message);
  }
}
