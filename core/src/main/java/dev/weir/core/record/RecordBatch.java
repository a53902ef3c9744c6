package dev.weir.core.record;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.nio.ByteBuffer;

/**
 * One batch in Kafka's v2 format, read where it lies. A view of fixed size over somebody else's
 * bytes: nothing is copied, nothing but the framing is checked before it is asked for. Any thread
 * may read as long as the bytes stay as they are.
 *
 * <p>Source: Kafka's message format, magic 2 (KIP-98, KIP-534).
 */
public final class RecordBatch {
  /** Bytes before the first record. */
  public static final int HEADER_BYTES = BatchLayout.HEADER_BYTES;

  /** Base offset and length, which the length field does not count. */
  public static final int LENGTH_PREFIX_BYTES = BatchLayout.LENGTH_PREFIX_BYTES;

  /** What the broker writes at append: base offset, length, leader epoch. The CRC begins later. */
  public static final int PLACEMENT_BYTES = BatchLayout.MAGIC;

  /** Producer id of a batch that is not idempotent. */
  public static final long NO_PRODUCER_ID = BatchLayout.NO_PRODUCER_ID;

  /** The fewest bytes from which a batch's size and format can be told. */
  private static final int RECOGNISABLE_BYTES = BatchLayout.MAGIC + 1;

  private final ByteBuffer bytes;

  private RecordBatch(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  /**
   * The batch that begins at an absolute position of the buffer; it must end before the limit.
   *
   * @throws WeirException CORRUPT_BATCH the format is not v2, or the length is impossible or
   *     reaches beyond the limit
   */
  public static RecordBatch at(ByteBuffer buffer, int position) {
    int size = sizeAt(buffer, position);
    if (size < 0 || size > buffer.limit() - position) {
      throw corrupt(
          "the batch at byte "
              + position
              + " is cut off: "
              + (size < 0 ? "its header" : size + " bytes")
              + " expected, "
              + Math.max(0, buffer.limit() - position)
              + " bytes there");
    }
    return new RecordBatch(buffer.slice(position, size));
  }

  /**
   * The size in bytes of the batch that begins at an absolute position, or -1 when fewer than 17
   * bytes (up to the magic byte) are there. The batch may reach beyond the limit.
   *
   * @throws WeirException CORRUPT_BATCH the format is not v2 or the length is impossible
   */
  public static int sizeAt(ByteBuffer buffer, int position) {
    if (buffer.limit() - position < RECOGNISABLE_BYTES) {
      return -1;
    }
    byte magic = buffer.get(position + BatchLayout.MAGIC);
    if (magic != BatchLayout.MAGIC_V2) {
      throw corrupt("the batch at byte " + position + " has magic " + magic + ", expected 2");
    }
    int length = bigEndianInt(buffer, position + BatchLayout.LENGTH);
    if (length < HEADER_BYTES - LENGTH_PREFIX_BYTES
        || length > Integer.MAX_VALUE - LENGTH_PREFIX_BYTES) {
      throw corrupt(
          "the batch at byte "
              + position
              + " says it has "
              + length
              + " bytes after its length, expected at least "
              + (HEADER_BYTES - LENGTH_PREFIX_BYTES));
    }
    return LENGTH_PREFIX_BYTES + length;
  }

  /**
   * Writes what the broker decides at append, in place: the CRC does not cover it.
   *
   * @param position absolute position of the batch's first byte
   */
  public static void place(ByteBuffer buffer, int position, long baseOffset, int leaderEpoch) {
    ByteBuffer batch = buffer.slice(position, PLACEMENT_BYTES);
    batch
        .putLong(BatchLayout.BASE_OFFSET, baseOffset)
        .putInt(BatchLayout.LEADER_EPOCH, leaderEpoch);
  }

  /**
   * Makes a batch one of log-append time: all its records have this timestamp. Rewrites the CRC.
   *
   * @param position absolute position of the batch's first byte
   */
  public static void stampLogAppendTime(ByteBuffer buffer, int position, long timestamp) {
    ByteBuffer batch = at(buffer, position).bytes;
    short attributes = batch.getShort(BatchLayout.ATTRIBUTES);
    batch.putShort(BatchLayout.ATTRIBUTES, (short) (attributes | BatchLayout.LOG_APPEND_TIME_BIT));
    batch.putLong(BatchLayout.MAX_TIMESTAMP, timestamp);
    batch.putInt(BatchLayout.CRC, BatchLayout.crcOf(batch, batch.limit()));
  }

  /** Bytes of the whole batch. */
  public int sizeInBytes() {
    return bytes.limit();
  }

  public long baseOffset() {
    return bytes.getLong(BatchLayout.BASE_OFFSET);
  }

  /** Offset of the last record as it was appended; compaction may have removed that record. */
  public long lastOffset() {
    return baseOffset() + lastOffsetDelta();
  }

  /** Offset at which the next batch may begin. */
  public long nextOffset() {
    return lastOffset() + 1;
  }

  public int lastOffsetDelta() {
    return bytes.getInt(BatchLayout.LAST_OFFSET_DELTA);
  }

  /** Epoch of the leader that appended the batch, -1 before that. */
  public int leaderEpoch() {
    return bytes.getInt(BatchLayout.LEADER_EPOCH);
  }

  /** The stored CRC-32C, as an unsigned value. */
  public long crc() {
    return Integer.toUnsignedLong(bytes.getInt(BatchLayout.CRC));
  }

  /** Computes the CRC-32C and compares; the cost is that of reading every byte. */
  public boolean crcMatches() {
    return BatchLayout.crcOf(bytes, sizeInBytes()) == bytes.getInt(BatchLayout.CRC);
  }

  public short attributes() {
    return bytes.getShort(BatchLayout.ATTRIBUTES);
  }

  /**
   * The codec of the records.
   *
   * @throws WeirException UNSUPPORTED_COMPRESSION the number is unknown
   */
  public Compression compression() {
    return Compression.ofId(attributes() & BatchLayout.COMPRESSION_MASK);
  }

  public TimestampType timestampType() {
    return has(BatchLayout.LOG_APPEND_TIME_BIT)
        ? TimestampType.LOG_APPEND_TIME
        : TimestampType.CREATE_TIME;
  }

  public boolean isTransactional() {
    return has(BatchLayout.TRANSACTIONAL_BIT);
  }

  /** Whether the batch holds a broker's control record, which consumers do not see. */
  public boolean isControl() {
    return has(BatchLayout.CONTROL_BIT);
  }

  /** Whether compaction has put the time at which tombstones may go into the base timestamp. */
  public boolean hasDeleteHorizon() {
    return has(BatchLayout.DELETE_HORIZON_BIT);
  }

  /**
   * Milliseconds since 1970 from which on tombstones may go (KIP-534).
   *
   * @throws IllegalStateException the batch has none
   */
  public long deleteHorizon() {
    if (!hasDeleteHorizon()) {
      throw new IllegalStateException("the " + this + " has no delete horizon");
    }
    return baseTimestamp();
  }

  /** Milliseconds since 1970 that the records' timestamps are relative to; -1 for none. */
  public long baseTimestamp() {
    return bytes.getLong(BatchLayout.BASE_TIMESTAMP);
  }

  /** Largest timestamp of the records, or the append time; -1 for none. */
  public long maxTimestamp() {
    return bytes.getLong(BatchLayout.MAX_TIMESTAMP);
  }

  /** The idempotent producer's id, or {@link #NO_PRODUCER_ID}. */
  public long producerId() {
    return bytes.getLong(BatchLayout.PRODUCER_ID);
  }

  public boolean hasProducerId() {
    return producerId() > NO_PRODUCER_ID;
  }

  public short producerEpoch() {
    return bytes.getShort(BatchLayout.PRODUCER_EPOCH);
  }

  /** Sequence number of the first record, -1 for none. */
  public int baseSequence() {
    return bytes.getInt(BatchLayout.BASE_SEQUENCE);
  }

  /** Sequence number of the last record, -1 for none; after 2^31-1 comes 0. */
  public int lastSequence() {
    int base = baseSequence();
    return base == BatchLayout.NO_SEQUENCE
        ? BatchLayout.NO_SEQUENCE
        : BatchLayout.sequenceAfter(base, lastOffsetDelta());
  }

  /** Number of records; 0 for a batch that compaction has emptied. Not checked yet. */
  public int recordCount() {
    return bytes.getInt(BatchLayout.RECORD_COUNT);
  }

  /** The bytes of this batch, from position 0 to the limit; the position is the caller's own. */
  public ByteBuffer buffer() {
    return bytes.duplicate();
  }

  /**
   * The records in order. Does not check the CRC. Close the cursor: it may hold native memory.
   *
   * @throws WeirException CORRUPT_BATCH, BATCH_TOO_LARGE or UNSUPPORTED_COMPRESSION, here or from
   *     the cursor
   */
  public RecordCursor records(DecompressionLimits limits) {
    return RecordCursor.open(this, limits, Integer.MAX_VALUE);
  }

  @Override
  public String toString() {
    return "batch of offsets "
        + baseOffset()
        + " to "
        + lastOffset()
        + ", "
        + recordCount()
        + " records, "
        + sizeInBytes()
        + " bytes";
  }

  static WeirException corrupt(String message) {
    return new WeirException(ErrorCode.CORRUPT_BATCH, message);
  }

  private boolean has(int bit) {
    return (attributes() & bit) != 0;
  }

  private static int bigEndianInt(ByteBuffer buffer, int position) {
    return buffer.slice(position, Integer.BYTES).getInt();
  }
}
