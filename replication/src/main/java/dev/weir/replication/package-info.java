/**
 * Makes a partition's replicas agree: leader epochs, in-sync set, high watermark, acknowledgements.
 */
@NullMarked
package dev.weir.replication;

import org.jspecify.annotations.NullMarked;
