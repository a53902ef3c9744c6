/** The house rules, held against the compiled classes of every module. */
@NullMarked
package dev.weir.architecture;

import org.jspecify.annotations.NullMarked;
