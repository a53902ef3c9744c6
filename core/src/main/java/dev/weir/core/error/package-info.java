/** What can go wrong, as values every module and every client understands. */
@NullMarked
package dev.weir.core.error;

import org.jspecify.annotations.NullMarked;
