package dev.weir.broker.record;

import dev.weir.core.record.RecordCursor;
import dev.weir.core.record.RecordHeader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A record copied out of its batch, until its subscriber takes it. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record KeptRecord(
    long offset,
    long timestamp,
    byte @Nullable [] key,
    byte @Nullable [] value,
    List<RecordHeader> headers) {
  /**
   * What the objects around the bytes of a record take on the heap, its place in a map included.
   */
  private static final int OVERHEAD_BYTES = 256;

  private static final int HEADER_OVERHEAD_BYTES = 112;

  /** The cursor's current record. */
  static KeptRecord of(RecordCursor record) {
    return new KeptRecord(
        record.offset(),
        record.timestamp(),
        record.keyBytes(),
        record.valueBytes(),
        record.headerCount() == 0 ? List.of() : record.headers());
  }

  /** About what the cursor's current record will take on the heap. */
  static long heapBytes(RecordCursor record) {
    return OVERHEAD_BYTES
        + record.payloadSize()
        + (long) HEADER_OVERHEAD_BYTES * record.headerCount();
  }
}
