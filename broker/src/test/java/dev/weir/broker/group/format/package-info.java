@NullMarked
package dev.weir.broker.group.format;

import org.jspecify.annotations.NullMarked;
