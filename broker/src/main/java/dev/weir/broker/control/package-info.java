/** Routes of the control plane: metadata, offsets, producer ids, topics. */
@NullMarked
package dev.weir.broker.control;

import org.jspecify.annotations.NullMarked;
