/**
 * Faults against the real broker process, again and again under load: what was acknowledged is
 * looked for afterwards, by a consumer and in the segment files themselves.
 */
package dev.weir.broker.campaign;
