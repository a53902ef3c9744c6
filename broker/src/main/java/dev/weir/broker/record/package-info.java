/** The record-level routes: single records for any RSocket client. */
@NullMarked
package dev.weir.broker.record;

import org.jspecify.annotations.NullMarked;
