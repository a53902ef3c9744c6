/** Record batches in Kafka's v2 format: reading, building, checking, compressing. */
@NullMarked
package dev.weir.core.record;

import org.jspecify.annotations.NullMarked;
