@NullMarked
package dev.weir.broker.fetch;

import org.jspecify.annotations.NullMarked;
