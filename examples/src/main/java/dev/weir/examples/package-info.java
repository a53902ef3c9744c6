/** Small applications to read and to start from. */
@NullMarked
package dev.weir.examples;

import org.jspecify.annotations.NullMarked;
