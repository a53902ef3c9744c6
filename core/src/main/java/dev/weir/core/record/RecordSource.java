package dev.weir.core.record;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.nio.ByteBuffer;

/** Where a cursor finds the encoded records, one after the other. One thread. */
abstract sealed class RecordSource implements AutoCloseable permits PlainRecords, InflatedRecords {
  /**
   * The source for a batch's records.
   *
   * @param maxBodyBytes a longer record is RECORD_TOO_LARGE, before memory is taken for it
   */
  static RecordSource of(RecordBatch batch, DecompressionLimits limits, int maxBodyBytes) {
    if (batch.recordCount() < 0) {
      throw RecordBatch.corrupt("their number is negative");
    }
    ByteBuffer encoded = batch.buffer().position(RecordBatch.HEADER_BYTES);
    Compression compression = batch.compression();
    return compression == Compression.NONE
        ? new PlainRecords(encoded, batch.recordCount(), maxBodyBytes)
        : InflatedRecords.open(Codec.of(compression), encoded, limits, maxBodyBytes);
  }

  /**
   * Moves to the next record.
   *
   * @return a buffer whose remaining bytes are the record's body, the same object or another one
   *     each time, valid until the next call
   */
  abstract ByteBuffer next();

  /** Whether nothing follows the current record. */
  abstract boolean atEnd();

  /** About what decompression holds now, in bytes. */
  abstract long heldBytes();

  /** Gives back what decompression holds; may be called again. */
  @Override
  public abstract void close();

  static void requireBodySize(int bytes, int maxBodyBytes) {
    if (bytes < BatchLayout.MIN_RECORD_BYTES - 1) {
      throw RecordBatch.corrupt("a record cannot have " + bytes + " bytes");
    }
    if (bytes > maxBodyBytes) {
      throw new WeirException(
          ErrorCode.RECORD_TOO_LARGE,
          "a record of " + bytes + " bytes is larger than allowed, about " + maxBodyBytes);
    }
  }
}
