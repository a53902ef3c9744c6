package dev.weir.core.record;

import java.nio.ByteBuffer;

/** Records that lie uncompressed in their batch. */
final class PlainRecords extends RecordSource {
  private final ByteBuffer window;
  private final int end;
  private final int maxBodyBytes;

  PlainRecords(ByteBuffer encoded, int recordCount, int maxBodyBytes) {
    if (recordCount > encoded.remaining() / BatchLayout.MIN_RECORD_BYTES) {
      throw RecordBatch.corrupt(
          recordCount + " records do not fit in " + encoded.remaining() + " bytes");
    }
    this.window = encoded.asReadOnlyBuffer();
    this.end = encoded.limit();
    this.maxBodyBytes = maxBodyBytes;
    window.limit(window.position());
  }

  @Override
  ByteBuffer next() {
    // The limit is the end of the record before, wherever its reader has stopped.
    int from = window.limit();
    window.limit(end).position(from);
    int size = Varint.readInt(window);
    requireBodySize(size, maxBodyBytes);
    if (size > window.remaining()) {
      throw RecordBatch.corrupt(
          "a record of " + size + " bytes is cut off after " + window.remaining());
    }
    window.limit(window.position() + size);
    return window;
  }

  @Override
  boolean atEnd() {
    return window.limit() == end;
  }

  @Override
  long heldBytes() {
    return 0;
  }

  @Override
  public void close() {}
}
