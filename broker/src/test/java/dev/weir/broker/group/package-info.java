@NullMarked
package dev.weir.broker.group;

import org.jspecify.annotations.NullMarked;
