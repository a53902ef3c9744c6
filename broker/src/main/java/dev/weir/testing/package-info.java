/** A broker inside the tests of applications: in process, on free ports, gone afterwards. */
@NullMarked
package dev.weir.testing;

import org.jspecify.annotations.NullMarked;
