@NullMarked
package dev.weir.replication;

import org.jspecify.annotations.NullMarked;
