package dev.weir.broker.group;

import dev.weir.broker.control.ControlHandler;
import dev.weir.broker.control.ControlRoutes;
import dev.weir.broker.partition.HostedPartitions;
import dev.weir.broker.route.Draining;
import dev.weir.broker.route.RouteHandler;
import dev.weir.core.protocol.CommitOffsetsRequest;
import dev.weir.core.protocol.DeleteGroupRequest;
import dev.weir.core.protocol.DeleteOffsetsRequest;
import dev.weir.core.protocol.DescribeGroupRequest;
import dev.weir.core.protocol.FetchOffsetsRequest;
import dev.weir.core.protocol.FindCoordinatorRequest;
import dev.weir.core.protocol.ListGroupsRequest;
import dev.weir.core.route.Routes;
import dev.weir.metadata.ClusterImages;
import java.util.Map;

/** The table of the routes of consumer groups. */
public final class GroupRoutes {
  private GroupRoutes() {}

  public static Map<String, RouteHandler> table(
      GroupCoordinators coordinators,
      ClusterImages images,
      HostedPartitions partitions,
      ControlRoutes.Self self,
      Draining draining) {
    GroupActions actions = new GroupActions(coordinators, images, partitions, self);
    return Map.of(
        Routes.GROUP,
        new GroupHandler(coordinators, draining),
        Routes.GROUP_COORDINATOR,
        new ControlHandler<>(FindCoordinatorRequest::newBuilder, actions::findCoordinator),
        Routes.OFFSETS_COMMIT,
        new ControlHandler<>(CommitOffsetsRequest::newBuilder, actions::commitOffsets),
        Routes.OFFSETS_FETCH,
        new ControlHandler<>(FetchOffsetsRequest::newBuilder, actions::fetchOffsets),
        Routes.ADMIN_GROUPS_LIST,
        new ControlHandler<>(ListGroupsRequest::newBuilder, actions::list),
        Routes.ADMIN_GROUPS_DESCRIBE,
        new ControlHandler<>(DescribeGroupRequest::newBuilder, actions::describe),
        Routes.ADMIN_GROUPS_DELETE,
        new ControlHandler<>(DeleteGroupRequest::newBuilder, actions::delete),
        Routes.ADMIN_GROUPS_DELETE_OFFSETS,
        new ControlHandler<>(DeleteOffsetsRequest::newBuilder, actions::deleteOffsets));
  }
}
