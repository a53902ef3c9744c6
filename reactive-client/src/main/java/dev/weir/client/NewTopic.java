package dev.weir.client;

import java.util.Map;

/**
 * A topic to be created.
 *
 * @param config settings that differ from the broker's defaults, by their names
 */
public record NewTopic(
    String name, int partitions, int replicationFactor, Map<String, String> config) {

  public NewTopic {
    config = Map.copyOf(config);
  }

  public static NewTopic of(String name, int partitions) {
    return new NewTopic(name, partitions, 1, Map.of());
  }
}
