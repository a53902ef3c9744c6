/** The names by which peers find each other's handlers and metadata entries. */
@NullMarked
package dev.weir.core.route;

import org.jspecify.annotations.NullMarked;
