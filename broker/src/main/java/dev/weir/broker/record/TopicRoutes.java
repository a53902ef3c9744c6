package dev.weir.broker.record;

import dev.weir.broker.partition.AppendCounters;
import dev.weir.broker.partition.HostedPartitions;
import dev.weir.broker.route.Draining;
import dev.weir.broker.route.RouteHandler;
import dev.weir.broker.subscription.Subscriptions;
import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.route.Routes;
import dev.weir.metadata.ClusterImages;
import dev.weir.metadata.TopicImage;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The two record-level routes and what they share: the topic in the route. */
public final class TopicRoutes {
  private final ClusterImages images;
  private final HostedPartitions partitions;

  public TopicRoutes(ClusterImages images, HostedPartitions partitions) {
    this.images = images;
    this.partitions = partitions;
  }

  /** {@code topics.{topic}.produce}. */
  public RouteHandler produce(AppendCounters counters, Draining draining) {
    return new RecordProduceHandler(this, partitions, counters, draining);
  }

  /**
   * {@code topics.{topic}.subscribe}.
   *
   * @param readExecutor runs what touches the disk, and the subscriptions ({@code weir-read-n})
   * @param pieceBytes bound of what all subscriptions together hold of partitions in memory
   * @param maxRecords a subscription ends with RESUBSCRIBE after so many
   */
  public RouteHandler subscribe(
      Subscriptions subscriptions, Executor readExecutor, long pieceBytes, long maxRecords) {
    return new SubscribeHandler(
        this, partitions, subscriptions, new SharedReads(readExecutor, pieceBytes), maxRecords);
  }

  /**
   * The topic that a route names, percent-decoded.
   *
   * @throws WeirException UNKNOWN_TOPIC naming it, INVALID_REQUEST when it cannot be decoded
   */
  TopicImage topic(String route, String suffix) {
    int end = route.length() - suffix.length();
    if (end <= Routes.TOPICS_PREFIX.length()) {
      throw new WeirException(ErrorCode.INVALID_REQUEST, "route '" + route + "' names no topic");
    }
    String name = decode(route.substring(Routes.TOPICS_PREFIX.length(), end));
    @Nullable TopicImage topic = images.current().topic(name);
    if (topic == null) {
      throw new WeirException(ErrorCode.UNKNOWN_TOPIC, "there is no topic '" + name + "'");
    }
    return topic;
  }

  private static String decode(String encoded) {
    try {
      // A plus sign is itself here, unlike in forms.
      return URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new WeirException(
          ErrorCode.INVALID_REQUEST,
          "the topic '" + encoded + "' in the route is not percent-encoded correctly",
          e);
    }
  }
}
