/** The route produce: whole batches in, acknowledgements out. */
@NullMarked
package dev.weir.broker.produce;

import org.jspecify.annotations.NullMarked;
