@NullMarked
package dev.weir.broker.control;

import org.jspecify.annotations.NullMarked;
