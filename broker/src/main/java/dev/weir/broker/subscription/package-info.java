/** The subscriptions that are open now: where they are, and what they wait for. */
@NullMarked
package dev.weir.broker.subscription;

import org.jspecify.annotations.NullMarked;
