/**
 * The reactive client of a Weir cluster: {@link dev.weir.client.WeirProducer}, {@link
 * dev.weir.client.WeirConsumer} and {@link dev.weir.client.WeirAdmin}, all made by a {@link
 * dev.weir.client.WeirClient}.
 */
@NullMarked
package dev.weir.client;

import org.jspecify.annotations.NullMarked;
