package dev.weir.broker.control;

import com.google.protobuf.Message;
import dev.weir.core.protocol.MetadataRequest;
import dev.weir.core.protocol.MetadataResponse;
import dev.weir.metadata.BrokerImage;
import dev.weir.metadata.ClusterImage;
import dev.weir.metadata.ClusterImages;
import dev.weir.metadata.TopicImage;
import java.util.Comparator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Route {@code metadata}: brokers, topics, leaders. */
final class MetadataAction implements ControlHandler.Action<MetadataRequest.Builder> {
  private final ClusterImages images;
  private final ControlRoutes.Self self;

  MetadataAction(ClusterImages images, ControlRoutes.Self self) {
    this.images = images;
    this.self = self;
  }

  @Override
  public CompletionStage<? extends Message> answer(MetadataRequest.Builder request) {
    ClusterImage image = images.current();
    MetadataResponse.Builder answer =
        MetadataResponse.newBuilder()
            .setClusterId(image.clusterId().toString())
            .setVersion(image.version());
    for (BrokerImage broker : image.brokers().values()) {
      answer.addBrokers(BrokerInfos.of(broker, self));
    }
    if (request.getTopicsCount() == 0) {
      image.topics().values().stream()
          .sorted(Comparator.comparing(TopicImage::name))
          .forEach(topic -> answer.addTopics(TopicInfos.of(topic)));
    }
    for (String name : request.getTopicsList()) {
      @Nullable TopicImage topic = image.topic(name);
      answer.addTopics(topic == null ? TopicInfos.unknown(name) : TopicInfos.of(topic));
    }
    return CompletableFuture.completedStage(answer.build());
  }
}
