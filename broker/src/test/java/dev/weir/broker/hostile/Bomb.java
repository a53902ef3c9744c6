package dev.weir.broker.hostile;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import java.util.zip.GZIPOutputStream;

/** A batch of a few hundred bytes a MiB: one record of zeros, compressed, with everything right. */
final class Bomb {
  private static final int HEADER_BYTES = 61;
  private static final int CRC_AT = 17;
  private static final int CRC_FROM = 21;
  private static final int GZIP = 1;

  private Bomb() {}

  static byte[] of(int valueBytes) throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(compressed)) {
      ByteBuffer fields = ByteBuffer.allocate(32);
      fields.put((byte) 0); // attributes
      varint(fields, 0); // time delta
      varint(fields, 0); // offset delta
      varint(fields, -1); // no key
      varint(fields, valueBytes);
      fields.flip();
      ByteBuffer length = ByteBuffer.allocate(8);
      varint(length, fields.remaining() + valueBytes + 1);
      out.write(length.array(), 0, length.position());
      out.write(fields.array(), 0, fields.remaining());
      byte[] zeros = new byte[1 << 16];
      for (int left = valueBytes; left > 0; left -= zeros.length) {
        out.write(zeros, 0, Math.min(left, zeros.length));
      }
      out.write(0); // no headers
    }
    byte[] records = compressed.toByteArray();
    ByteBuffer batch = ByteBuffer.allocate(HEADER_BYTES + records.length);
    batch.putLong(0).putInt(HEADER_BYTES - 12 + records.length).putInt(-1);
    batch.put((byte) 2).putInt(0).putShort((short) GZIP).putInt(0);
    long now = System.currentTimeMillis();
    batch.putLong(now).putLong(now).putLong(-1).putShort((short) -1).putInt(-1).putInt(1);
    batch.put(records);
    CRC32C crc = new CRC32C();
    crc.update(batch.array(), CRC_FROM, batch.capacity() - CRC_FROM);
    batch.putInt(CRC_AT, (int) crc.getValue());
    return batch.array();
  }

  /** Zigzag, as in Kafka's records. */
  private static void varint(ByteBuffer out, int number) {
    int left = (number << 1) ^ (number >> 31);
    while ((left & ~0x7f) != 0) {
      out.put((byte) ((left & 0x7f) | 0x80));
      left >>>= 7;
    }
    out.put((byte) left);
  }
}
