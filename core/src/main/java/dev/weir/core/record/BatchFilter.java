package dev.weir.core.record;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Takes records out of batches, as compaction does: what stays keeps its bytes, its offset and its
 * timestamp; the batch keeps its first and last offset, its producer's sequence and its codec, and
 * gets a new CRC. One thread; its memory is that of the largest batch and is used again.
 *
 * <p>Source: Kafka's log cleaner, KIP-98 (empty batches) and KIP-534 (delete horizon).
 */
public final class BatchFilter {
  /** A codec that makes the records larger than this is dropped. */
  private static final int CODEC_OVERHEAD_BYTES = 4 << 10;

  private final DecompressionLimits limits;
  private final BoundedOutput compressed = new BoundedOutput();
  private byte[] records = new byte[0];
  private byte[] rebased = new byte[0];
  private byte[] result = new byte[0];
  private int end;
  private int kept;
  private boolean keptTombstone;
  private long maxTimestamp;

  public BatchFilter(DecompressionLimits limits) {
    this.limits = limits;
  }

  /** Which records stay. */
  @FunctionalInterface
  public interface Choice {
    boolean keeps(RecordCursor record);
  }

  /**
   * The batch with the chosen records only; the batch itself when nothing changes. An emptied batch
   * has no timestamps. Valid until the next call.
   *
   * @param deleteHorizon milliseconds since 1970, given to a batch that has none yet and keeps a
   *     tombstone (a record without a value)
   * @throws dev.weir.core.error.WeirException CORRUPT_BATCH, BATCH_TOO_LARGE or
   *     UNSUPPORTED_COMPRESSION: the records cannot be read
   */
  public RecordBatch filter(RecordBatch batch, Choice choice, long deleteHorizon) {
    collect(batch, choice);
    boolean setHorizon = keptTombstone && !batch.hasDeleteHorizon();
    if (kept == batch.recordCount() && !setHorizon) {
      return batch;
    }
    return kept == 0 ? withoutRecords(batch) : rewritten(batch, setHorizon, deleteHorizon);
  }

  /**
   * The batch without any of its records, which are not looked at; the batch itself when it has
   * none. Valid until the next call.
   */
  public RecordBatch emptied(RecordBatch batch) {
    if (batch.recordCount() == 0) {
      return batch;
    }
    kept = 0;
    maxTimestamp = BatchLayout.NO_TIMESTAMP;
    return withoutRecords(batch);
  }

  /**
   * The batch with all its records and a delete horizon, as the marker of a transaction gets one of
   * which nothing else is left; the batch itself when it has one or no record. Valid until the next
   * call.
   *
   * @param deleteHorizon milliseconds since 1970
   * @throws dev.weir.core.error.WeirException as {@link #filter}
   */
  public RecordBatch withDeleteHorizon(RecordBatch batch, long deleteHorizon) {
    if (batch.hasDeleteHorizon() || batch.recordCount() == 0) {
      return batch;
    }
    collect(batch, record -> true);
    return rewritten(batch, true, deleteHorizon);
  }

  private RecordBatch withoutRecords(RecordBatch batch) {
    return complete(batch, Compression.NONE, records, 0, BatchLayout.NO_TIMESTAMP);
  }

  private RecordBatch rewritten(RecordBatch batch, boolean setHorizon, long deleteHorizon) {
    if (setHorizon) {
      rebase(batch.baseTimestamp(), deleteHorizon);
    }
    byte[] plain = setHorizon ? rebased : records;
    RecordBatch filtered =
        batch.compression() == Compression.NONE
            ? complete(batch, Compression.NONE, plain, end, batch.baseTimestamp())
            : compressed(batch, plain);
    if (setHorizon) {
      markHorizon(filtered, deleteHorizon);
    }
    return filtered;
  }

  private void collect(RecordBatch batch, Choice choice) {
    end = 0;
    kept = 0;
    keptTombstone = false;
    maxTimestamp = BatchLayout.NO_TIMESTAMP;
    try (RecordCursor cursor = batch.records(limits)) {
      while (cursor.next()) {
        if (choice.keeps(cursor)) {
          keep(cursor);
        }
      }
    }
    if (batch.timestampType() == TimestampType.LOG_APPEND_TIME && kept > 0) {
      maxTimestamp = batch.maxTimestamp();
    }
  }

  private void keep(RecordCursor cursor) {
    int size = cursor.fields().bodySize();
    records = withRoom(records, end, Varint.MAX_INT_BYTES + (long) size);
    end = Varint.write(records, end, size);
    cursor.fields().copyBody(records, end);
    end += size;
    kept++;
    keptTombstone |= cursor.valueSize() < 0;
    maxTimestamp = Math.max(maxTimestamp, cursor.timestamp());
  }

  /** Makes the timestamps relative to the horizon, which takes the place of their base. */
  private void rebase(long from, long to) {
    ByteBuffer in = ByteBuffer.wrap(records, 0, end);
    int at = 0;
    while (in.hasRemaining()) {
      int bodyEnd = Varint.readInt(in);
      bodyEnd += in.position();
      byte attributes = in.get();
      long delta = Varint.readLong(in) + from - to;
      int rest = bodyEnd - in.position();
      int size = Byte.BYTES + Varint.sizeOf(delta) + rest;
      rebased = withRoom(rebased, at, Varint.MAX_INT_BYTES + (long) size);
      at = Varint.write(rebased, at, size);
      rebased[at++] = attributes;
      at = Varint.write(rebased, at, delta);
      in.get(rebased, at, rest);
      at += rest;
    }
    end = at;
  }

  private RecordBatch compressed(RecordBatch batch, byte[] plain) {
    compressed.reset((int) Math.min(Integer.MAX_VALUE - 8, end + end / 4L + CODEC_OVERHEAD_BYTES));
    try {
      Codec.of(batch.compression()).write(plain, 0, end, compressed);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // into memory: only a codec at odds with itself
    }
    return compressed.overflown()
        ? complete(batch, Compression.NONE, plain, end, batch.baseTimestamp())
        : complete(
            batch,
            batch.compression(),
            compressed.bytes(),
            compressed.size(),
            batch.baseTimestamp());
  }

  private RecordBatch complete(
      RecordBatch batch, Compression codec, byte[] body, int bodyBytes, long baseTimestamp) {
    int size = RecordBatch.HEADER_BYTES + bodyBytes;
    result = withRoom(result, 0, size);
    ByteBuffer out = ByteBuffer.wrap(result, 0, size);
    int attributes = (batch.attributes() & ~BatchLayout.COMPRESSION_MASK) | codec.id();
    if (kept == 0) {
      attributes &= ~BatchLayout.DELETE_HORIZON_BIT;
    }
    out.put(0, batch.buffer(), 0, RecordBatch.HEADER_BYTES)
        .putInt(BatchLayout.LENGTH, size - RecordBatch.LENGTH_PREFIX_BYTES)
        .putShort(BatchLayout.ATTRIBUTES, (short) attributes)
        .putLong(BatchLayout.BASE_TIMESTAMP, baseTimestamp)
        .putLong(BatchLayout.MAX_TIMESTAMP, maxTimestamp)
        .putInt(BatchLayout.RECORD_COUNT, kept)
        .put(RecordBatch.HEADER_BYTES, body, 0, bodyBytes)
        .putInt(BatchLayout.CRC, BatchLayout.crcOf(out, size));
    return RecordBatch.at(out, 0);
  }

  private static void markHorizon(RecordBatch batch, long deleteHorizon) {
    ByteBuffer bytes = batch.buffer();
    bytes
        .putShort(
            BatchLayout.ATTRIBUTES, (short) (batch.attributes() | BatchLayout.DELETE_HORIZON_BIT))
        .putLong(BatchLayout.BASE_TIMESTAMP, deleteHorizon)
        .putInt(BatchLayout.CRC, BatchLayout.crcOf(bytes, bytes.limit()));
  }

  private static byte[] withRoom(byte[] bytes, int used, long more) {
    long needed = used + more;
    if (needed <= bytes.length) {
      return bytes;
    }
    return Arrays.copyOf(
        bytes, (int) Math.min(Integer.MAX_VALUE - 8, Math.max(needed, 2L * bytes.length)));
  }
}
