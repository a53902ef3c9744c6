@NullMarked
package dev.weir.broker.record;

import org.jspecify.annotations.NullMarked;
