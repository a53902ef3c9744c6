/** The single-threaded loops on which partitions live. */
@NullMarked
package dev.weir.core.loop;

import org.jspecify.annotations.NullMarked;
