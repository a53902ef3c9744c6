package dev.weir.broker.hostile;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** A record batch byte by byte, with a right checksum and whatever else is wished. */
final class BatchBytes {
  private static final int HEADER_BYTES = 61;
  private static final int BEFORE_LENGTH_ENDS = 12;
  private static final int CRC_AT = 17;
  private static final int CRC_FROM = 21;
  private static final byte[] VALUE = {'v'};

  private int codec;
  private int records = 1;
  private @Nullable Integer batchLength;
  private @Nullable Integer recordLength;
  private int keyLength = -1;
  private int valueLength = VALUE.length;
  private int headers;
  private byte @Nullable [] body;

  BatchBytes batchLength(int bytes) {
    batchLength = bytes;
    return this;
  }

  BatchBytes records(int count) {
    records = count;
    return this;
  }

  BatchBytes recordLength(int bytes) {
    recordLength = bytes;
    return this;
  }

  BatchBytes keyLength(int bytes) {
    keyLength = bytes;
    return this;
  }

  BatchBytes valueLength(int bytes) {
    valueLength = bytes;
    return this;
  }

  BatchBytes headers(int count) {
    headers = count;
    return this;
  }

  /** Compressed records in place of the one that is there else. */
  BatchBytes compressed(int withCodec, byte[] bytes) {
    codec = withCodec;
    body = bytes;
    return this;
  }

  byte[] build() {
    byte[] bytes = body == null ? record() : body;
    ByteBuffer batch = ByteBuffer.allocate(HEADER_BYTES + bytes.length);
    batch.putLong(0);
    batch.putInt(
        batchLength == null ? HEADER_BYTES - BEFORE_LENGTH_ENDS + bytes.length : batchLength);
    batch.putInt(-1).put((byte) 2).putInt(0).putShort((short) codec).putInt(records - 1);
    long now = System.currentTimeMillis();
    batch.putLong(now).putLong(now).putLong(-1).putShort((short) -1).putInt(-1).putInt(records);
    batch.put(bytes);
    CRC32C crc = new CRC32C();
    crc.update(batch.array(), CRC_FROM, batch.capacity() - CRC_FROM);
    return batch.putInt(CRC_AT, (int) crc.getValue()).array();
  }

  private byte[] record() {
    ByteArrayOutputStream rest = new ByteArrayOutputStream();
    rest.write(0); // attributes
    varint(rest, 0); // time delta
    varint(rest, 0); // offset delta
    varint(rest, keyLength);
    varint(rest, valueLength);
    rest.writeBytes(VALUE);
    varint(rest, headers);
    ByteArrayOutputStream record = new ByteArrayOutputStream();
    varint(record, recordLength == null ? rest.size() : recordLength);
    record.writeBytes(rest.toByteArray());
    return record.toByteArray();
  }

  /** What comes before a value of so many bytes; a zero byte for no headers comes after it. */
  static byte[] recordHead(int offsetDelta, int valueBytes) {
    ByteArrayOutputStream fields = new ByteArrayOutputStream();
    fields.write(0);
    varint(fields, 0);
    varint(fields, offsetDelta);
    varint(fields, -1);
    varint(fields, valueBytes);
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    varint(head, fields.size() + valueBytes + 1);
    head.writeBytes(fields.toByteArray());
    return head.toByteArray();
  }

  /** Zigzag, as in Kafka's records. */
  private static void varint(ByteArrayOutputStream out, int number) {
    int left = (number << 1) ^ (number >> 31);
    while ((left & ~0x7f) != 0) {
      out.write((left & 0x7f) | 0x80);
      left >>>= 7;
    }
    out.write(left);
  }
}
