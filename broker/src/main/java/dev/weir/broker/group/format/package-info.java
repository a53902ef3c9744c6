/** The coordinator's records as bytes: Kafka's schema for offsets, protobuf for the rest. */
@NullMarked
package dev.weir.broker.group.format;

import org.jspecify.annotations.NullMarked;
