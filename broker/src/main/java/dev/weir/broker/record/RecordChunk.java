package dev.weir.broker.record;

import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.RecordCursor;
import dev.weir.transport.rsocket.OutboundMessage;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Batches of one partition in memory, record by record. One thread at a time. */
final class RecordChunk {
  private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0).asReadOnlyBuffer();

  private final PartitionTail tail;
  private final ByteBuffer batches;
  private final long fromOffset;
  private @Nullable RecordCursor cursor;
  private int position;

  /**
   * @param fromOffset records below it are in the first batch by accident
   */
  RecordChunk(PartitionTail tail, ByteBuffer batches, long fromOffset) {
    this.tail = tail;
    this.batches = batches;
    this.fromOffset = fromOffset;
  }

  PartitionTail tail() {
    return tail;
  }

  /** Moves to the next record that a reader may see. */
  boolean next() {
    while (true) {
      if (cursor != null) {
        while (cursor.next()) {
          if (cursor.offset() >= fromOffset) {
            return true;
          }
        }
        cursor.close();
        cursor = null;
      }
      if (position >= batches.limit()) {
        return false;
      }
      RecordBatch batch = RecordBatch.at(batches, position);
      position += batch.sizeInBytes();
      if (!batch.isControl()) {
        cursor = batch.records(tail.partition().config().log().decompression());
      }
    }
  }

  void close() {
    if (cursor != null) {
      cursor.close();
      cursor = null;
    }
    position = batches.limit();
  }

  /** The current record; its bytes are its own. */
  OutboundMessage message(RecordEntryWriter entries) {
    if (cursor == null) {
      throw new IllegalStateException("there is no current record");
    }
    byte @Nullable [] value = cursor.valueBytes();
    return OutboundMessage.ofRecord(
        entries.entry(tail.partition().name().partition(), cursor),
        value == null ? NO_BYTES : ByteBuffer.wrap(value));
  }
}
