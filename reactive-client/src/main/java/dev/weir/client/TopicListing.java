package dev.weir.client;

import dev.weir.core.topic.TopicId;
import java.util.Map;

/**
 * A topic in one line.
 *
 * @param overrides settings this topic has of its own
 */
public record TopicListing(
    String name,
    TopicId id,
    int partitions,
    int replicationFactor,
    Map<String, String> overrides) {}
