package dev.weir.client;

import java.time.Duration;

/** How long a member tries. */
interface GroupPatience {
  /** One attempt to join, or one commit. */
  Duration attempt();

  /** All attempts until one succeeds. */
  Duration total();

  /** A coordinator has answered. */
  void onAnswer();

  /** What the client calls itself. */
  String clientId();

  /** As the settings say. */
  static GroupPatience of(Cluster cluster, ConsumerSettings<?, ?> settings) {
    return new GroupPatience() {
      @Override
      public Duration attempt() {
        ClientSettings client = cluster.settings();
        return cluster.links().reached() ? client.requestTimeout() : client.connectTimeout();
      }

      @Override
      public Duration total() {
        return cluster.links().reached()
            ? settings.retryTimeout()
            : cluster.settings().connectTimeout();
      }

      @Override
      public void onAnswer() {
        cluster.links().onAnswer();
      }

      @Override
      public String clientId() {
        return cluster.settings().clientId();
      }
    };
  }
}
