/** Finds the handler of a route and tells it who calls. */
@NullMarked
package dev.weir.broker.route;

import org.jspecify.annotations.NullMarked;
