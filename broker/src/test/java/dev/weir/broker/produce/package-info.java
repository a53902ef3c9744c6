@NullMarked
package dev.weir.broker.produce;

import org.jspecify.annotations.NullMarked;
