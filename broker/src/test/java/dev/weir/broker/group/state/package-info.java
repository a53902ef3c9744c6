@NullMarked
package dev.weir.broker.group.state;

import org.jspecify.annotations.NullMarked;
