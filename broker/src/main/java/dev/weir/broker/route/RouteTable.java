package dev.weir.broker.route;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.route.Routes;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which handler answers which route.
 *
 * @param exact routes by their whole name
 * @param topicProduce {@code topics.{topic}.produce}
 * @param topicSubscribe {@code topics.{topic}.subscribe}
 */
public record RouteTable(
    Map<String, RouteHandler> exact, RouteHandler topicProduce, RouteHandler topicSubscribe) {
  public RouteTable {
    exact = Map.copyOf(exact);
  }

  /**
   * The handler of the route.
   *
   * @throws WeirException UNKNOWN_ROUTE
   */
  RouteHandler find(String route) {
    @Nullable RouteHandler handler = exact.get(route);
    if (handler != null) {
      return handler;
    }
    if (route.startsWith(Routes.TOPICS_PREFIX)) {
      if (route.endsWith(Routes.TOPIC_PRODUCE_SUFFIX)) {
        return topicProduce;
      }
      if (route.endsWith(Routes.TOPIC_SUBSCRIBE_SUFFIX)) {
        return topicSubscribe;
      }
    }
    throw new WeirException(
        ErrorCode.UNKNOWN_ROUTE,
        route.isEmpty() ? "the request names no route" : "there is no route '" + route + "'");
  }
}
