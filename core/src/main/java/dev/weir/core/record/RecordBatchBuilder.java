package dev.weir.core.record;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Collects records and makes batches of them, one after the other, from one buffer. One thread.
 */
public final class RecordBatchBuilder {
  /**
   * @param compression applied when the batch is built; dropped for a batch that it would enlarge
   * @param maxBytes the most bytes a batch may have, header included and before compression
   */
  public RecordBatchBuilder(Compression compression, int maxBytes) {}

  /**
   * Adds a record. The first one always fits.
   *
   * @return false when it does not fit: nothing has changed, build what is there
   */
  public boolean append(
      long timestamp, byte @Nullable [] key, byte @Nullable [] value, List<RecordHeader> headers) {
    throw new UnsupportedOperationException();
  }

  public int recordCount() {
    throw new UnsupportedOperationException();
  }

  /** Bytes of the batch so far, before compression. */
  public int estimatedBytes() {
    throw new UnsupportedOperationException();
  }

  /** Makes the batch idempotent; at any time before {@link #build}, for this batch only. */
  public void producer(long producerId, short epoch, int baseSequence, boolean transactional) {
    throw new UnsupportedOperationException();
  }

  /**
   * A complete batch with base offset 0 and leader epoch -1, in memory of its own. The builder is
   * empty afterwards.
   *
   * @throws IllegalStateException no record was added
   */
  public ByteBuffer build() {
    throw new UnsupportedOperationException();
  }

  /** Forgets the records collected so far. */
  public void clear() {
    throw new UnsupportedOperationException();
  }

  /** Gives a complete batch, which begins at the buffer's position, another producer identity; rewrites the CRC. */
  public static void stampProducer(
      ByteBuffer batch, long producerId, short epoch, int baseSequence) {
    throw new UnsupportedOperationException();
  }
}
