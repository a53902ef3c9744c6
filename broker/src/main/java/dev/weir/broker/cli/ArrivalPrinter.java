package dev.weir.broker.cli;

import java.io.IOException;

/** Prints what arrives. One thread, except {@link #printed}. */
interface ArrivalPrinter<T> {
  void print(T arrived) throws IOException;

  /** Writes what is buffered. */
  void flush() throws IOException;

  /** Records printed so far; any thread. */
  long printed();

  /** Whether the limit is reached. */
  boolean isFull();

  /** Asked while nothing arrives: whether nothing more is wanted. */
  default boolean isDone() {
    return false;
  }
}
