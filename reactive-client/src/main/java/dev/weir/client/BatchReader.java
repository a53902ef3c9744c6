package dev.weir.client;

import dev.weir.core.record.RecordBatch;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Batches as they lie in the frame, without control batches. */
final class BatchReader implements FrameReader<ConsumerBatch> {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private PartitionTarget partition = PartitionTarget.NONE;
  private ByteBuffer bytes = NOTHING;
  private int position;
  private long fromOffset;
  private long endExclusive;

  @Override
  public void open(PartitionTarget source, Frame frame, long end) {
    partition = source;
    bytes = frame.bytes();
    position = 0;
    fromOffset = frame.fromOffset();
    endExclusive = end;
  }

  @Override
  public @Nullable ConsumerBatch next() {
    RecordBatch batch = nextBatch();
    return batch == null
        ? null
        : new ConsumerBatch(partition.topic(), partition.partition(), fromOffset, batch);
  }

  /** The next batch with at least one offset that is wanted. */
  @Nullable RecordBatch nextBatch() {
    while (position < bytes.limit()) {
      RecordBatch batch = RecordBatch.at(bytes, position);
      if (batch.baseOffset() >= endExclusive) {
        break;
      }
      position += batch.sizeInBytes();
      if (!batch.isControl() && batch.lastOffset() >= fromOffset) {
        return batch;
      }
    }
    close();
    return null;
  }

  @Override
  public void close() {
    bytes = NOTHING;
    position = 0;
  }
}
