/** The partitions this broker serves: opened, found, appended to, closed, deleted. */
@NullMarked
package dev.weir.broker.partition;

import org.jspecify.annotations.NullMarked;
