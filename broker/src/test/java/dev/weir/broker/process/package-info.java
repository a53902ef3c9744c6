/** The jar as its users run it: real processes with small heaps, real files, real signals. */
package dev.weir.broker.process;
