/** Carries messages between processes; the only package that knows RSocket and Netty's buffers. */
@NullMarked
package dev.weir.transport.rsocket;

import org.jspecify.annotations.NullMarked;
