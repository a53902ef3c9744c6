/**
 * The command line: {@code weir server} and the commands that talk to one. Commands are loaded by
 * name, so that the server starts without the client's classes and the other way round.
 */
@NullMarked
package dev.weir.broker.cli;

import org.jspecify.annotations.NullMarked;
