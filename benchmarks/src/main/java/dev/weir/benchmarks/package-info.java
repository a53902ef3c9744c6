/** Programs that answer performance questions; each prints a Markdown table. */
@NullMarked
package dev.weir.benchmarks;

import org.jspecify.annotations.NullMarked;
