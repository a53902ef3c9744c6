@NullMarked
package dev.weir.metadata;

import org.jspecify.annotations.NullMarked;
