package dev.weir.client;

import java.util.List;

/** The brokers of a cluster. */
public record ClusterDescription(String clusterId, List<Broker> brokers) {
  /** A broker and where clients reach it. */
  public record Broker(int id, ServerAddress address) {}
}
