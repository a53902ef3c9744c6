package dev.weir.broker.record;

import dev.weir.broker.partition.AppendCounters;
import dev.weir.broker.partition.HostedPartitions;
import dev.weir.broker.route.Draining;
import dev.weir.broker.route.RouteHandler;
import dev.weir.metadata.ClusterImages;
import java.util.concurrent.Executor;

/** The two record-level routes and what they share. */
public final class TopicRoutes {
  private final ClusterImages images;
  private final HostedPartitions partitions;

  public TopicRoutes(ClusterImages images, HostedPartitions partitions) {
    this.images = images;
    this.partitions = partitions;
  }

  /** {@code topics.{topic}.produce}. */
  public RouteHandler produce(AppendCounters counters, Draining draining) {
    return new RouteHandler() {};
  }

  /** {@code topics.{topic}.subscribe}. */
  public RouteHandler subscribe(Executor readExecutor, long maxRecords) {
    return new RouteHandler() {};
  }
}
