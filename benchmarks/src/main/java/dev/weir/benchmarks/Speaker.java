package dev.weir.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One subscriber's side of a protocol: what it writes and how it counts what it is sent. Driven by
 * the thread of a {@link SocketLoad}; the sums may be read by any thread.
 */
interface Speaker {
  /** Introduces the connection; written as soon as it is there. */
  ByteBuffer greeting();

  /** Starts the delivery; written when all connections are there. */
  ByteBuffer opening();

  /** False: nothing is ever read from the socket, and a connection that is lost is made again. */
  default boolean reads() {
    return true;
  }

  /**
   * Takes all the bytes.
   *
   * @return what to write now
   * @throws IOException the broker refuses, or sends what it should not
   */
  @Nullable ByteBuffer onBytes(ByteBuffer bytes) throws IOException;

  /**
   * Called about once a second.
   *
   * @return what to write now
   */
  @Nullable ByteBuffer onTick(long nowNanos);

  /** Bytes of values or batches that came, without what the protocol puts around them. */
  long dataBytes();

  /** Messages that brought them. */
  long messages();
}
