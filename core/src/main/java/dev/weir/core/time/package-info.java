/** Time as a port: product code never reads a clock by itself. */
@NullMarked
package dev.weir.core.time;

import org.jspecify.annotations.NullMarked;
