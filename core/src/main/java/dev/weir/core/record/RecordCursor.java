package dev.weir.core.record;

import dev.weir.core.error.WeirException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Walks over the records of one batch, checking each as it comes. Starts before the first record;
 * everything else may be asked after {@link #next} has returned true. One thread.
 *
 * <p>Moving on and reading sizes, offsets and timestamps allocates nothing; only what returns an
 * object does. Records of a compressed batch are decompressed as they are reached. Offsets rise but
 * may have gaps.
 */
public final class RecordCursor implements AutoCloseable {
  private final RecordBatch batch;
  private final RecordSource source;
  private final RecordFields record = new RecordFields();
  private final long baseOffset;
  private final long baseTimestamp;
  private final int recordCount;
  private final int lastOffsetDelta;
  private final boolean appendTime;
  private final long maxTimestamp;
  private int passed;
  private boolean closed;

  RecordCursor(RecordBatch batch, RecordSource source) {
    this.batch = batch;
    this.source = source;
    this.baseOffset = batch.baseOffset();
    this.baseTimestamp = batch.baseTimestamp();
    this.recordCount = batch.recordCount();
    this.lastOffsetDelta = batch.lastOffsetDelta();
    this.appendTime = batch.timestampType() == TimestampType.LOG_APPEND_TIME;
    this.maxTimestamp = batch.maxTimestamp();
  }

  /**
   * @param maxBodyBytes a longer record is RECORD_TOO_LARGE, before memory is taken for it
   */
  static RecordCursor open(RecordBatch batch, DecompressionLimits limits, int maxBodyBytes) {
    try {
      return new RecordCursor(batch, RecordSource.of(batch, limits, maxBodyBytes));
    } catch (WeirException e) {
      throw inBatch(batch, "the records of", e);
    }
  }

  /**
   * Moves to the next record. After the last one it closes the cursor by itself.
   *
   * @return false when there is none
   * @throws WeirException CORRUPT_BATCH the record, or what follows the last one, cannot be read;
   *     BATCH_TOO_LARGE the records decompress beyond the limits. The cursor is closed then.
   */
  public boolean next() {
    if (closed) {
      return false;
    }
    boolean moved = false;
    try {
      moved = advance();
    } catch (WeirException e) {
      throw inBatch(batch, "record " + passed + " of", e);
    } finally {
      if (!moved) {
        close();
      }
    }
    return moved;
  }

  public long offset() {
    return baseOffset + record.offsetDelta();
  }

  /**
   * Milliseconds since 1970 by the clock that {@link RecordBatch#timestampType} names; -1: none.
   */
  public long timestamp() {
    return appendTime ? maxTimestamp : baseTimestamp + record.timestampDelta();
  }

  /** Bytes of the key, -1 when it is null. */
  public int keySize() {
    return record.keySize();
  }

  /** Bytes of the value, -1 when it is null. */
  public int valueSize() {
    return record.valueSize();
  }

  /** Bytes of the key, the value and the encoded headers: what the record limit counts. */
  public int payloadSize() {
    return record.payloadSize();
  }

  /** The key where it lies, read-only; valid until {@link #next} or {@link #close}. */
  public @Nullable ByteBuffer key() {
    return record.key();
  }

  /** The value where it lies, read-only; valid until {@link #next} or {@link #close}. */
  public @Nullable ByteBuffer value() {
    return record.value();
  }

  /** A copy of the key. */
  public byte @Nullable [] keyBytes() {
    return record.keyBytes();
  }

  /** A copy of the value. */
  public byte @Nullable [] valueBytes() {
    return record.valueBytes();
  }

  /**
   * Copies the key without allocating.
   *
   * @throws IllegalStateException the key is null
   */
  public void copyKey(byte[] target, int at) {
    record.copyKey(target, at);
  }

  /**
   * Copies the value without allocating.
   *
   * @throws IllegalStateException the value is null
   */
  public void copyValue(byte[] target, int at) {
    record.copyValue(target, at);
  }

  public int headerCount() {
    return record.headerCount();
  }

  /** The headers in order, copied; names that are not UTF-8 hold replacement characters. */
  public List<RecordHeader> headers() {
    return record.headers();
  }

  /** About what decompression holds now, in bytes; 0 for a batch that is not compressed. */
  public long heldBytes() {
    return closed ? 0 : source.heldBytes();
  }

  /** Gives back what decompression holds. May be called again. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      source.close();
    }
  }

  /** The fields of the current record. */
  RecordFields fields() {
    return record;
  }

  private boolean advance() {
    if (passed == recordCount) {
      if (!source.atEnd()) {
        throw RecordBatch.corrupt("bytes follow the last record");
      }
      return false;
    }
    int before = passed == 0 ? -1 : record.offsetDelta();
    record.read(source.next());
    if (record.offsetDelta() <= before || record.offsetDelta() > lastOffsetDelta) {
      throw RecordBatch.corrupt(
          "its offset delta "
              + record.offsetDelta()
              + " is not between "
              + (before + 1)
              + " and "
              + lastOffsetDelta);
    }
    passed++;
    return true;
  }

  private static WeirException inBatch(RecordBatch batch, String what, WeirException e) {
    return new WeirException(e.code(), what + " the " + batch + ": " + e.getMessage(), e);
  }
}
