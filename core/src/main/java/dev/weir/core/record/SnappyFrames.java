package dev.weir.core.record;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.xerial.snappy.Snappy;

/**
 * Reads the framing of snappy-java: a 16-byte header, then blocks, each with its length. Input
 * without that header is one bare block, as librdkafka writes it.
 *
 * <p>Ours because {@code SnappyInputStream} takes memory for whatever lengths it reads.
 */
final class SnappyFrames extends InputStream {
  private static final byte[] MAGIC = {(byte) 0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
  private static final int HEADER_BYTES = MAGIC.length + 2 * Integer.BYTES;

  /** The first four bytes of the header: a header may follow blocks where streams were joined. */
  private static final int MAGIC_AS_LENGTH = ByteBuffer.wrap(MAGIC).getInt();

  /** A block is decompressed whole. Beyond this size it may not grow more than fourfold. */
  private static final int FREE_BLOCK_BYTES = 4 << 20;

  private static final long MAX_BLOCK_RATIO = 4;

  private final ByteBuffer compressed;
  private final boolean framed;
  private final long cap;
  private byte[] block = new byte[0];
  private byte[] plain = new byte[0];
  private int at;
  private int end;
  private long produced;

  SnappyFrames(ByteBuffer compressed, long cap) {
    this.compressed = compressed.slice();
    this.cap = cap;
    this.framed = startsWithMagic();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int from, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (at == end) {
      if (!compressed.hasRemaining()) {
        return -1;
      }
      nextBlock();
    }
    int count = Math.min(length, end - at);
    System.arraycopy(plain, at, target, from, count);
    at += count;
    return count;
  }

  int heldBytes() {
    return block.length + plain.length;
  }

  private void nextBlock() throws IOException {
    int size = framed ? blockSize() : compressed.remaining();
    if (size == 0) {
      return;
    }
    if (block.length < size) {
      block = new byte[size];
    }
    compressed.get(block, 0, size);
    int plainSize = Snappy.uncompressedLength(block, 0, size);
    if (plainSize < 0 || plainSize > cap - produced) {
      throw InflatedRecords.tooLarge(cap);
    }
    long most = Math.max(FREE_BLOCK_BYTES, MAX_BLOCK_RATIO * size);
    if (plainSize > most) {
      throw InflatedRecords.blockTooLarge(size, plainSize, most);
    }
    if (plain.length < plainSize) {
      plain = new byte[plainSize];
    }
    at = 0;
    end = Snappy.uncompress(block, 0, size, plain, 0);
    produced += end;
  }

  private int blockSize() throws IOException {
    if (compressed.remaining() < Integer.BYTES) {
      throw new IOException("the length of a snappy block is cut off");
    }
    int size = compressed.getInt();
    if (size == MAGIC_AS_LENGTH && compressed.remaining() >= HEADER_BYTES - Integer.BYTES) {
      compressed.position(compressed.position() + HEADER_BYTES - Integer.BYTES);
      return 0;
    }
    if (size <= 0 || size > compressed.remaining()) {
      throw new IOException(
          "a snappy block of " + size + " bytes, " + compressed.remaining() + " bytes left");
    }
    return size;
  }

  private boolean startsWithMagic() {
    return compressed.remaining() >= HEADER_BYTES
        && compressed.slice(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC));
  }
}
