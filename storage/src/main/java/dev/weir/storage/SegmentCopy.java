package dev.weir.storage;

import dev.weir.core.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Writes the files of a segment that is to take the place of others. Blocks on the disk; one
 * thread.
 */
final class SegmentCopy implements AutoCloseable {
  private static final int BUFFER_BYTES = 128 << 10;

  private final LogHome home;
  private final int indexIntervalBytes;
  private final Segment segment;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);

  private SegmentCopy(LogHome home, int indexIntervalBytes, Segment segment) {
    this.home = home;
    this.indexIntervalBytes = indexIntervalBytes;
    this.segment = segment;
  }

  /** Begins anew, whatever an earlier attempt has left. */
  static SegmentCopy create(LogHome home, SegmentSwap swap, int indexIntervalBytes)
      throws IOException {
    swap.discard();
    return new SegmentCopy(
        home,
        indexIntervalBytes,
        Segment.open(home.files(), home.directory(), swap.baseOffset(), LogNames.CLEANED));
  }

  void append(RecordBatch batch) throws IOException {
    if ((long) segment.size() + batch.sizeInBytes() > Integer.MAX_VALUE) {
      throw new IOException(segment + " would be larger than a segment can be");
    }
    if (batch.sizeInBytes() > buffer.remaining()) {
      write();
    }
    if (batch.sizeInBytes() > buffer.capacity()) {
      segment.file().append(batch.buffer());
    } else {
      buffer.put(batch.buffer());
    }
    segment.onBatch(StoredBatch.readBack(batch), indexIntervalBytes);
  }

  /** Brings all of it to stable storage, the names of the files too. */
  void complete() throws IOException {
    write();
    segment.seal();
    segment.file().force();
    segment.offsetIndex().file().force();
    segment.timeIndex().file().force();
    home.files().syncDirectory(home.directory());
  }

  int size() {
    return segment.size();
  }

  long nextOffset() {
    return segment.nextOffset();
  }

  @Override
  public void close() {
    segment.retire(Runnable::run, () -> {});
  }

  private void write() throws IOException {
    if (buffer.position() > 0) {
      segment.file().append(buffer.flip());
      buffer.clear();
    }
  }
}
