/**
 * Keeps one partition's records on local disk, finds them again, comes back correct after a crash.
 */
@NullMarked
package dev.weir.storage;

import org.jspecify.annotations.NullMarked;
