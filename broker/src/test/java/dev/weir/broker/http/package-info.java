@NullMarked
package dev.weir.broker.http;

import org.jspecify.annotations.NullMarked;
