/** What a setting is: its name, what it may be, what it does. */
@NullMarked
package dev.weir.broker.setting;

import org.jspecify.annotations.NullMarked;
