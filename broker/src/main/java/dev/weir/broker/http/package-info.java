/** The HTTP port: health, metrics, a status page, RSocket over WebSocket. */
@NullMarked
package dev.weir.broker.http;

import org.jspecify.annotations.NullMarked;
