/**
 * The cluster's one truth: brokers, topics, partition leaders, in-sync sets, configs, producer ids.
 */
@NullMarked
package dev.weir.metadata;

import org.jspecify.annotations.NullMarked;
