/** Ranges of log files on their way from storage to a socket. */
@NullMarked
package dev.weir.core.disk;

import org.jspecify.annotations.NullMarked;
