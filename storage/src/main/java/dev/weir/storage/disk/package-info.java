/**
 * The disk as a port: what a log needs of a file system, and its production form on file channels.
 */
@NullMarked
package dev.weir.storage.disk;

import org.jspecify.annotations.NullMarked;
