package dev.weir.broker.control;

import com.google.protobuf.Message;
import dev.weir.core.protocol.BrokerInfo;
import dev.weir.core.protocol.MetadataRequest;
import dev.weir.core.protocol.MetadataResponse;
import dev.weir.metadata.BrokerImage;
import dev.weir.metadata.ClusterImage;
import dev.weir.metadata.ClusterImages;
import dev.weir.metadata.TopicImage;
import java.net.InetSocketAddress;
import java.util.Comparator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Route {@code metadata}: brokers, topics, leaders. */
final class MetadataAction implements ControlHandler.Action<MetadataRequest.Builder> {
  private final ClusterImages images;
  private final int brokerId;
  private final Supplier<InetSocketAddress> ownAddress;

  /**
   * @param ownAddress where clients reach this broker; known once it listens
   */
  MetadataAction(ClusterImages images, int brokerId, Supplier<InetSocketAddress> ownAddress) {
    this.images = images;
    this.brokerId = brokerId;
    this.ownAddress = ownAddress;
  }

  @Override
  public CompletionStage<? extends Message> answer(MetadataRequest.Builder request) {
    ClusterImage image = images.current();
    MetadataResponse.Builder answer =
        MetadataResponse.newBuilder()
            .setClusterId(image.clusterId().toString())
            .setVersion(image.version());
    for (BrokerImage broker : image.brokers().values()) {
      answer.addBrokers(info(broker));
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

  private BrokerInfo info(BrokerImage broker) {
    BrokerInfo.Builder info = BrokerInfo.newBuilder().setId(broker.id());
    if (broker.id() == brokerId) {
      InetSocketAddress address = ownAddress.get();
      return info.setHost(address.getHostString()).setPort(address.getPort()).build();
    }
    return info.setHost(broker.host()).setPort(broker.port()).build();
  }
}
