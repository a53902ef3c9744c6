package dev.weir.storage;

import dev.weir.core.error.WeirException;
import dev.weir.core.record.RecordBatch;
import dev.weir.storage.disk.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a segment's batches one after the other and verifies each, until the end or the first that
 * is not whole.
 */
final class BatchScanner {
  private static final int CHUNK_BYTES = 128 << 10;

  /** Every frame is smaller, so no batch can be larger; a length beyond it is garbage. */
  private static final int MAX_BATCH_BYTES = 16 << 20;

  private final LogFile file;
  private final long end;
  private final long limit;
  private ByteBuffer window = ByteBuffer.allocate(CHUNK_BYTES).limit(0);
  private long windowStart;
  private long position;
  private String problem = "";

  /**
   * @param end bytes of the file to look at
   * @param limit no batch reaches this offset
   */
  BatchScanner(LogFile file, long end, long limit) {
    this.file = file;
    this.end = end;
    this.limit = limit;
  }

  /**
   * The next batch, whose offsets must not begin below {@code expectedOffset}; valid until the next
   * call. Null at the end or when what follows is not a whole batch.
   */
  @Nullable RecordBatch next(long expectedOffset) throws IOException {
    if (position == end) {
      return null;
    }
    RecordBatch batch = wholeBatch();
    if (batch != null
        && (batch.lastOffsetDelta() < 0 || !follows(batch, batch.sizeInBytes(), expectedOffset))) {
      return stop(whyNot(batch, expectedOffset));
    }
    position += batch == null ? 0 : batch.sizeInBytes();
    return batch;
  }

  private String whyNot(RecordBatch batch, long expectedOffset) {
    String claimed =
        "a batch has the offsets %d to %d, ".formatted(batch.baseOffset(), batch.lastOffset());
    return batch.lastOffset() >= limit
        ? claimed + "but has to end below " + limit
        : claimed + "expected " + expectedOffset;
  }

  private @Nullable RecordBatch wholeBatch() throws IOException {
    try {
      load(RecordBatch.HEADER_BYTES);
      int size = RecordBatch.sizeAt(window, at());
      if (size < 0 || size > end - position || size > MAX_BATCH_BYTES) {
        return stop(
            "a batch of " + size + " bytes begins but " + (end - position) + " bytes are left");
      }
      load(size);
      RecordBatch batch = RecordBatch.at(window, at());
      return batch.crcMatches() ? batch : stop("the checksum does not match");
    } catch (WeirException notABatch) {
      return stop(String.valueOf(notABatch.getMessage()));
    }
  }

  /**
   * The checksum does not cover the base offset, so what surrounds the batch has to confirm it. A
   * flipped bit can look like a gap that compaction left, but then the next batch begins too low.
   */
  private boolean follows(RecordBatch batch, int size, long expectedOffset) throws IOException {
    if (batch.baseOffset() >= limit || batch.lastOffset() >= limit) {
      return false;
    }
    if (batch.baseOffset() <= expectedOffset) {
      return batch.baseOffset() == expectedOffset;
    }
    if (end - position - size < Long.BYTES) {
      return true;
    }
    ByteBuffer next = ByteBuffer.allocate(Long.BYTES);
    file.readFully(next, position + size);
    return next.getLong(0) >= batch.nextOffset() || !isWhole(position + size);
  }

  /** What was never written as a whole says nothing about what is before it. */
  private boolean isWhole(long start) throws IOException {
    BatchScanner ahead = new BatchScanner(file, end, limit);
    ahead.position = start;
    return ahead.wholeBatch() != null;
  }

  /** Leader epoch of the batch behind the last one; the highest number when no whole one is. */
  int epochBehind(long expectedOffset) throws IOException {
    BatchScanner ahead = new BatchScanner(file, end, limit);
    ahead.position = position;
    RecordBatch behind = ahead.next(expectedOffset);
    return behind == null ? Integer.MAX_VALUE : behind.leaderEpoch();
  }

  /** Where the last whole batch ended. */
  long position() {
    return position;
  }

  /** Whether every byte belongs to a whole batch. */
  boolean reachedEnd() {
    return position == end;
  }

  /** Why the scan stopped before the end. */
  String problem() {
    return problem;
  }

  private @Nullable RecordBatch stop(String why) {
    problem = file + ", byte " + position + ": " + why;
    return null;
  }

  private int at() {
    return (int) (position - windowStart);
  }

  /** Makes the window hold so many bytes from the position on, or all that are left. */
  private void load(int bytes) throws IOException {
    long wanted = Math.min(bytes, end - position);
    if (position >= windowStart && position + wanted <= windowStart + window.limit()) {
      return;
    }
    if (wanted > window.capacity()) {
      window = ByteBuffer.allocate((int) wanted);
    }
    int fill = (int) Math.min(window.capacity(), end - position);
    window.clear();
    // in chunks: the JDK keeps a direct buffer as large as the largest read of a thread
    for (int filled = 0; filled < fill; filled += CHUNK_BYTES) {
      window.limit(Math.min(filled + CHUNK_BYTES, fill));
      file.readFully(window, position + filled);
    }
    window.flip();
    windowStart = position;
  }
}
