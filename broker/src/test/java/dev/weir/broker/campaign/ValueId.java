package dev.weir.broker.campaign;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Which value it is: every value says who sent it, to which partition, as the how-manieth, and
 * carries a checksum, so that a foreign or mangled one is known without the broker's help.
 */
record ValueId(int sender, int slot, long counter) {
  private static final int MAGIC = 0x57454952;
  private static final int HEADER_BYTES = 4 + 2 + 2 + 8 + 4;

  /** As one number, never 0. */
  long packed() {
    return ((long) sender << 48 | counter) + 1;
  }

  static String describe(long packed) {
    return packed == 0
        ? "nothing"
        : "value " + ((packed - 1) & 0xffff_ffff_ffffL) + " of sender " + ((packed - 1) >>> 48);
  }

  /** Some bytes that compress well and some that do not. */
  byte[] encode(int bytes) {
    ByteBuffer value = ByteBuffer.allocate(HEADER_BYTES + bytes);
    value.putInt(MAGIC).putShort((short) sender).putShort((short) slot).putLong(counter).putInt(0);
    SplittableRandom random = new SplittableRandom(packed());
    while (value.remaining() >= Long.BYTES) {
      long piece = random.nextLong();
      value.putLong((piece & 1) == 0 ? piece : 0x2020202020202020L);
    }
    value.putInt(HEADER_BYTES - 4, checksum(value.array()));
    return value.array();
  }

  /** Null when these bytes were never a value of ours. */
  static @Nullable ValueId decode(byte[] bytes) {
    if (bytes.length < HEADER_BYTES) {
      return null;
    }
    ByteBuffer value = ByteBuffer.wrap(bytes.clone());
    int checksum = value.getInt(HEADER_BYTES - 4);
    value.putInt(HEADER_BYTES - 4, 0);
    if (value.getInt(0) != MAGIC || checksum(value.array()) != checksum) {
      return null;
    }
    return new ValueId(value.getShort(4), value.getShort(6), value.getLong(8));
  }

  private static int checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
