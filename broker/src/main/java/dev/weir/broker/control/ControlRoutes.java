package dev.weir.broker.control;

import dev.weir.broker.partition.HostedPartitions;
import dev.weir.broker.route.RouteHandler;
import dev.weir.broker.subscription.Subscriptions;
import dev.weir.core.protocol.AlterTopicRequest;
import dev.weir.core.protocol.CreateTopicRequest;
import dev.weir.core.protocol.DeleteRecordsRequest;
import dev.weir.core.protocol.DeleteTopicRequest;
import dev.weir.core.protocol.DescribeTopicRequest;
import dev.weir.core.protocol.ListOffsetsRequest;
import dev.weir.core.protocol.ListSubscriptionsRequest;
import dev.weir.core.protocol.ListTopicsRequest;
import dev.weir.core.protocol.MetadataRequest;
import dev.weir.core.protocol.ProducerInitRequest;
import dev.weir.core.route.Routes;
import dev.weir.metadata.MetadataStore;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** The table of the control plane's routes. */
public final class ControlRoutes {
  private ControlRoutes() {}

  /**
   * What topics may look like here.
   *
   * @param defaults settings of topics that do not override them
   * @param maxPartitions partitions this broker hosts at most
   */
  public record TopicRules(Map<String, String> defaults, int maxPartitions) {}

  /**
   * This broker, as clients see it.
   *
   * @param address known once the broker listens
   */
  public record Self(int id, Supplier<InetSocketAddress> address) {}

  /** The partitions of this broker, and who reads them. */
  public record Served(HostedPartitions partitions, Subscriptions subscriptions) {}

  public static Map<String, RouteHandler> table(
      MetadataStore store, Served served, Executor readExecutor, TopicRules rules, Self self) {
    HostedPartitions partitions = served.partitions();
    TopicAdmin admin = new TopicAdmin(store, partitions, rules.defaults(), rules.maxPartitions());
    Map<String, RouteHandler> table = new HashMap<>();
    table.put(
        Routes.METADATA,
        new ControlHandler<>(
            MetadataRequest::newBuilder, new MetadataAction(store.images(), self)));
    table.put(
        Routes.OFFSETS_LIST,
        new ControlHandler<>(
            ListOffsetsRequest::newBuilder, new ListOffsetsAction(partitions, readExecutor)));
    table.put(
        Routes.PRODUCER_INIT,
        new ControlHandler<>(ProducerInitRequest::newBuilder, new ProducerIds(store)));
    table.put(
        Routes.ADMIN_TOPICS_CREATE,
        new ControlHandler<>(CreateTopicRequest::newBuilder, admin::create));
    table.put(
        Routes.ADMIN_TOPICS_DELETE,
        new ControlHandler<>(DeleteTopicRequest::newBuilder, admin::delete));
    table.put(
        Routes.ADMIN_TOPICS_ALTER,
        new ControlHandler<>(AlterTopicRequest::newBuilder, admin::alter));
    table.put(
        Routes.ADMIN_TOPICS_LIST, new ControlHandler<>(ListTopicsRequest::newBuilder, admin::list));
    table.put(
        Routes.ADMIN_TOPICS_DELETE_RECORDS,
        new ControlHandler<>(
            DeleteRecordsRequest::newBuilder, new DeleteRecordsAction(store.images(), partitions)));
    table.put(
        Routes.ADMIN_TOPICS_DESCRIBE,
        new ControlHandler<>(
            DescribeTopicRequest::newBuilder,
            new DescribeTopicAction(store.images(), partitions, rules.defaults())));
    table.put(
        Routes.ADMIN_SUBSCRIPTIONS_LIST,
        new ControlHandler<>(
            ListSubscriptionsRequest::newBuilder,
            new ListSubscriptionsAction(served.subscriptions())));
    return table;
  }
}
