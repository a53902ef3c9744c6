/**
 * What a coordinator of consumer groups decides: requests and time in, records, answers and events
 * out. Plain objects of one thread, which is their shard's loop; only replaying records changes
 * what is durable.
 */
@NullMarked
package dev.weir.broker.group.state;

import org.jspecify.annotations.NullMarked;
