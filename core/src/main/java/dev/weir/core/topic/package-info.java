/** Names and identities of topics and partitions. */
@NullMarked
package dev.weir.core.topic;

import org.jspecify.annotations.NullMarked;
