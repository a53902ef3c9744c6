/** Tracing and timing of single records, by Micrometer Observation; only for those who use it. */
@NullMarked
package dev.weir.client.observation;

import org.jspecify.annotations.NullMarked;
