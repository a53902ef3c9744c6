package dev.weir.core.record;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Where the fields of a v2 batch are, relative to its first byte; all big-endian. */
final class BatchLayout {
  static final int BASE_OFFSET = 0;
  static final int LENGTH = 8;
  static final int LEADER_EPOCH = 12;
  static final int MAGIC = 16;
  static final int CRC = 17;
  static final int ATTRIBUTES = 21;
  static final int LAST_OFFSET_DELTA = 23;
  static final int BASE_TIMESTAMP = 27;
  static final int MAX_TIMESTAMP = 35;
  static final int PRODUCER_ID = 43;
  static final int PRODUCER_EPOCH = 51;
  static final int BASE_SEQUENCE = 53;
  static final int RECORD_COUNT = 57;
  static final int HEADER_BYTES = 61;

  /** Base offset and length: the bytes that {@link #LENGTH} does not count. */
  static final int LENGTH_PREFIX_BYTES = 12;

  static final byte MAGIC_V2 = 2;

  static final int COMPRESSION_MASK = 0x07;
  static final int LOG_APPEND_TIME_BIT = 0x08;
  static final int TRANSACTIONAL_BIT = 0x10;
  static final int CONTROL_BIT = 0x20;
  static final int DELETE_HORIZON_BIT = 0x40;
  static final int KNOWN_BITS = 0x7f;

  /** Length, attributes, timestamp delta, offset delta, key length, value length, header count. */
  static final int MIN_RECORD_BYTES = 7;

  /** Name length and value length. */
  static final int MIN_RECORD_HEADER_BYTES = 2;

  static final long NO_PRODUCER_ID = -1;
  static final short NO_PRODUCER_EPOCH = -1;
  static final int NO_SEQUENCE = -1;
  static final int NO_LEADER_EPOCH = -1;
  static final long NO_TIMESTAMP = -1;

  private BatchLayout() {}

  /** CRC-32C from the attributes to the end of a batch that fills the buffer from index 0 on. */
  static int crcOf(ByteBuffer batch, int sizeInBytes) {
    CRC32C crc = new CRC32C();
    crc.update(batch.slice(ATTRIBUTES, sizeInBytes - ATTRIBUTES));
    return (int) crc.getValue();
  }

  /** The sequence number {@code delta} records after {@code sequence}; wraps to 0 as Kafka's do. */
  static int sequenceAfter(int sequence, int delta) {
    int room = Integer.MAX_VALUE - sequence;
    return delta > room ? delta - room - 1 : sequence + delta;
  }
}
