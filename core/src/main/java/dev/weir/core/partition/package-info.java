/** Which partition a key belongs to, as Kafka's clients decide it. */
@NullMarked
package dev.weir.core.partition;

import org.jspecify.annotations.NullMarked;
