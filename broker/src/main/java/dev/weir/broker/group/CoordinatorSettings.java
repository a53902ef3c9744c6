package dev.weir.broker.group;

import dev.weir.broker.group.state.GroupSettings;

/**
 * How this broker coordinates groups.
 *
 * @param offsetsPartitions partitions of {@code __consumer_offsets} when it is made; it never gets
 *     others. Few: groups share loops and disks; many: files, and a longer start
 * @param stateBytes memory that all groups together may take. Small: joins and commits are refused
 */
public record CoordinatorSettings(GroupSettings groups, int offsetsPartitions, long stateBytes) {
  public static final int MOST_PARTITIONS = 1000;
}
