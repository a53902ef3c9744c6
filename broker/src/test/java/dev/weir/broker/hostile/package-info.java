/** Clients that break every rule, against a broker with very little memory. */
@NullMarked
package dev.weir.broker.hostile;

import org.jspecify.annotations.NullMarked;
