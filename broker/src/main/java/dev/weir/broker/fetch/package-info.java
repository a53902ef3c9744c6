/** The route fetch: whole batches of one partition out, as fast as the reader asks. */
@NullMarked
package dev.weir.broker.fetch;

import org.jspecify.annotations.NullMarked;
