/**
 * The running broker: puts log, replication, metadata and transport together and answers requests.
 */
@NullMarked
package dev.weir.broker;

import org.jspecify.annotations.NullMarked;
