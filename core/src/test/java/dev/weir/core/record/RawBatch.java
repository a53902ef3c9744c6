package dev.weir.core.record;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Batches that no builder would make: a right header and CRC around anything. */
final class RawBatch {
  private RawBatch() {}

  /** A batch with these attributes, so many records by its own account, and these bytes. */
  static ByteBuffer of(int attributes, int recordCount, byte[] records) {
    ByteBuffer batch = ByteBuffer.allocate(RecordBatch.HEADER_BYTES + records.length);
    batch
        .putInt(BatchLayout.LENGTH, batch.limit() - RecordBatch.LENGTH_PREFIX_BYTES)
        .putInt(BatchLayout.LEADER_EPOCH, -1)
        .put(BatchLayout.MAGIC, (byte) 2)
        .putShort(BatchLayout.ATTRIBUTES, (short) attributes)
        .putInt(BatchLayout.LAST_OFFSET_DELTA, recordCount - 1)
        .putLong(BatchLayout.PRODUCER_ID, -1)
        .putShort(BatchLayout.PRODUCER_EPOCH, (short) -1)
        .putInt(BatchLayout.BASE_SEQUENCE, -1)
        .putInt(BatchLayout.RECORD_COUNT, recordCount)
        .put(RecordBatch.HEADER_BYTES, records);
    return reseal(batch);
  }

  static ByteBuffer of(Compression compression, int recordCount, byte[] plainRecords) {
    return of(compression.id(), recordCount, compress(compression, plainRecords));
  }

  /** Computes the CRC again after a change. */
  static ByteBuffer reseal(ByteBuffer batch) {
    return batch.putInt(BatchLayout.CRC, BatchLayout.crcOf(batch, batch.limit()));
  }

  static byte[] compress(Compression compression, byte[] plain) {
    if (compression == Compression.NONE) {
      return plain;
    }
    BoundedOutput out = new BoundedOutput();
    out.reset(plain.length + 1024);
    try {
      Codec.of(compression).write(plain, 0, plain.length, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Arrays.copyOf(out.bytes(), out.size());
  }

  /**
   * A stream of numbers, each written as a varint: every field of a record but its attributes, keys
   * and values is one.
   */
  static byte[] varints(long... numbers) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] encoded = new byte[Varint.MAX_LONG_BYTES];
    for (long number : numbers) {
      out.write(encoded, 0, Varint.write(encoded, 0, number));
    }
    return out.toByteArray();
  }

  /** The records' bytes of an uncompressed batch. */
  static byte[] recordsOf(ByteBuffer plainBatch) {
    byte[] records = new byte[plainBatch.limit() - RecordBatch.HEADER_BYTES];
    plainBatch.get(RecordBatch.HEADER_BYTES, records);
    return records;
  }
}
