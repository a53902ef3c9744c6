package dev.weir.broker.record;

import dev.weir.broker.partition.HostedPartition;
import dev.weir.broker.partition.HostedPartitions;
import dev.weir.broker.record.SubscribeOptions.StartAt;
import dev.weir.broker.route.Caller;
import dev.weir.broker.route.RequestSize;
import dev.weir.broker.route.RouteHandler;
import dev.weir.broker.subscription.Subscriptions;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.route.Routes;
import dev.weir.metadata.TopicImage;
import dev.weir.transport.rsocket.InboundMessage;
import dev.weir.transport.rsocket.OutboundMessage;
import java.util.ArrayList;
import java.util.List;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;

/** Route {@code topics.{topic}.subscribe}: one payload is one record. */
final class SubscribeHandler implements RouteHandler {
  private final TopicRoutes topics;
  private final HostedPartitions partitions;
  private final Subscriptions subscriptions;
  private final SharedReads reads;
  private final long maxRecords;

  SubscribeHandler(
      TopicRoutes topics,
      HostedPartitions partitions,
      Subscriptions subscriptions,
      SharedReads reads,
      long maxRecords) {
    this.topics = topics;
    this.partitions = partitions;
    this.subscriptions = subscriptions;
    this.reads = reads;
    this.maxRecords = maxRecords;
  }

  @Override
  public Flux<OutboundMessage> requestStream(Caller caller, InboundMessage message) {
    String route = message.route();
    TopicImage topic;
    SubscribeOptions options;
    try (message) {
      RequestSize.require(message, RequestSize.STREAM);
      topic = topics.topic(route, Routes.TOPIC_SUBSCRIBE_SUFFIX);
      options = SubscribeOptions.read(message.data());
    }
    if (options.group() != null) {
      throw new WeirException(
          ErrorCode.INVALID_REQUEST,
          "'group' is '"
              + options.group()
              + "' but this route joins no group; the route 'group' does");
    }
    List<HostedPartition> chosen = partitions(topic, options);
    return new Flux<>() {
      @Override
      public void subscribe(CoreSubscriber<? super OutboundMessage> actual) {
        SubscribeSession session =
            new SubscribeSession(
                chosen,
                options,
                reads,
                maxRecords,
                actual,
                subscriptions.announce(caller.address(), route, topic.name()));
        actual.onSubscribe(session);
        session.start();
      }
    };
  }

  private List<HostedPartition> partitions(TopicImage topic, SubscribeOptions options) {
    if (options.from() instanceof StartAt.Offsets offsets) {
      offsets.byPartition().keySet().forEach(named -> partitions.find(topic.id(), named));
    }
    List<HostedPartition> chosen = new ArrayList<>();
    for (int number : options.partitions()) {
      chosen.add(partitions.find(topic.id(), number));
    }
    if (chosen.isEmpty()) {
      for (int number = 0; number < topic.partitions().size(); number++) {
        chosen.add(partitions.find(topic.id(), number));
      }
    }
    return chosen;
  }
}
