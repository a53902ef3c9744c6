/**
 * Coordinates consumer groups: the members' channels, and a shard for each partition of {@code
 * __consumer_offsets}, which lives on that partition's loop.
 */
@NullMarked
package dev.weir.broker.group;

import org.jspecify.annotations.NullMarked;
