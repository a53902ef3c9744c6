package dev.weir.storage;

import java.nio.ByteBuffer;

/**
 * What a read of older batches reads headers and index entries into: one pair for each thread that
 * reads, 5 KiB outside the heap, so that reads neither allocate nor copy them. Lent to one search
 * at a time.
 */
final class ReadBuffers {
  private static final ThreadLocal<ReadBuffers> OF_THREAD =
      ThreadLocal.withInitial(ReadBuffers::new);

  private final ByteBuffer headers = ByteBuffer.allocateDirect(HeaderWalk.WINDOW_BYTES);
  private final ByteBuffer entries = ByteBuffer.allocateDirect(IndexView.BLOCK_BYTES);

  private ReadBuffers() {}

  /** The calling thread's. */
  static ReadBuffers ofThread() {
    return OF_THREAD.get();
  }

  ByteBuffer headers() {
    return headers;
  }

  ByteBuffer entries() {
    return entries;
  }
}
