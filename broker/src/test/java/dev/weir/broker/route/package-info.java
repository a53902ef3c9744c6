@NullMarked
package dev.weir.broker.route;

import org.jspecify.annotations.NullMarked;
