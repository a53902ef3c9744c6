package dev.weir.metadata;

import dev.weir.core.topic.TopicId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A topic.
 *
 * @param partitions at index n the partition n
 * @param config overrides only, Kafka's names
 * @param version what a command that changes this topic must expect
 */
public record TopicImage(
    String name,
    TopicId id,
    List<PartitionImage> partitions,
    Map<String, String> config,
    long version) {

  public TopicImage {
    partitions = List.copyOf(partitions);
    config = Map.copyOf(config);
  }

  TopicImage withConfig(Map<String, String> newConfig) {
    return new TopicImage(name, id, partitions, newConfig, version + 1);
  }

  TopicImage withPartition(PartitionImage changed) {
    List<PartitionImage> all = new ArrayList<>(partitions);
    all.set(changed.partition(), changed);
    return withPartitions(all);
  }

  TopicImage withPartitions(List<PartitionImage> all) {
    return new TopicImage(name, id, all, config, version);
  }
}
