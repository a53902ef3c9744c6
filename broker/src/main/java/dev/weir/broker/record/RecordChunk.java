package dev.weir.broker.record;

import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.RecordCursor;
import dev.weir.transport.rsocket.OutboundMessage;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A piece of one partition, record by record. One thread at a time. */
final class RecordChunk {
  private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0).asReadOnlyBuffer();

  private final PartitionTail tail;
  private final Piece piece;
  private final RecordFilter where;
  private final ByteBuffer batches;
  private long wantedOffset;
  private @Nullable RecordCursor cursor;
  private int position;
  private boolean again;
  private boolean closed;

  /**
   * Takes over the caller's hold on the piece.
   *
   * @param fromOffset records below it are in the first batch by accident
   * @param where which records the reader wants
   */
  RecordChunk(PartitionTail tail, Piece piece, long fromOffset, RecordFilter where) {
    this.where = where;
    this.tail = tail;
    this.piece = piece;
    this.batches = piece.batches();
    this.wantedOffset = fromOffset;
  }

  PartitionTail tail() {
    return tail;
  }

  /** Moves to the next record that a reader may see. */
  boolean next() {
    if (again && cursor != null) {
      again = false;
      wantedOffset = cursor.offset() + 1;
      return true;
    }
    while (true) {
      if (cursor != null) {
        while (cursor.next()) {
          if (cursor.offset() >= wantedOffset) {
            wantedOffset = cursor.offset() + 1;
            if (where.accepts(cursor)) {
              return true;
            }
          }
        }
        closeCursor();
      }
      if (position >= batches.limit()) {
        wantedOffset = piece.nextOffset();
        return false;
      }
      RecordBatch batch = RecordBatch.at(batches, position);
      position += batch.sizeInBytes();
      if (!batch.isControl()) {
        cursor = batch.records(tail.partition().config().log().decompression());
      }
    }
  }

  /** The current record comes again: {@link #next} moves to it, and it counts as not read. */
  void stepBack() {
    wantedOffset = record().offset();
    again = true;
  }

  /** The offset after the last record that was moved to: where a reader goes on without this. */
  long nextOffset() {
    return wantedOffset;
  }

  /** About what its decompressor holds, which nobody has counted; 0 without one. */
  int inflaterBytes() {
    return cursor == null ? 0 : (int) Math.min(cursor.heldBytes(), Integer.MAX_VALUE);
  }

  /** May be called again. */
  void close() {
    closeCursor();
    if (!closed) {
      closed = true;
      piece.letGo();
    }
  }

  private void closeCursor() {
    if (cursor != null) {
      cursor.close();
      cursor = null;
    }
  }

  /** The current record; its bytes are its own. */
  OutboundMessage message(RecordEntryWriter entries) {
    RecordCursor record = record();
    return message(entries.entry(tail.partitionNumber(), record), record.valueBytes());
  }

  /** A record that was conflated. */
  static OutboundMessage message(
      RecordEntryWriter entries, ConflatedRecords.Next<PartitionTail> next) {
    return message(
        entries.entry(next.partition().partitionNumber(), next.record(), next.passedOver()),
        next.record().value());
  }

  private static OutboundMessage message(ByteBuffer entry, byte @Nullable [] value) {
    return OutboundMessage.ofRecord(entry, value == null ? NO_BYTES : ByteBuffer.wrap(value));
  }

  /** The current one; valid until the next. */
  RecordCursor record() {
    if (cursor == null) {
      throw new IllegalStateException("there is no current record");
    }
    return cursor;
  }
}
