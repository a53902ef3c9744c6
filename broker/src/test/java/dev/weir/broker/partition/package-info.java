@NullMarked
package dev.weir.broker.partition;

import org.jspecify.annotations.NullMarked;
