@NullMarked
package dev.weir.broker.subscription;

import org.jspecify.annotations.NullMarked;
