package dev.weir.core.record;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4FrameInputStream;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE;
import net.jpountz.lz4.LZ4FrameOutputStream.FLG;
import net.jpountz.xxhash.XXHashFactory;

/**
 * The LZ4 frame format 1.6: one frame of independent blocks, which is all that Kafka's clients
 * read. A frame that declares the largest block size, 4 MiB, costs two buffers of that size.
 */
enum Lz4Codec implements Codec {
  INSTANCE;

  /** Of the frame's header, behind the magic number and the flags; its bits 4 to 6. */
  private static final int BLOCK_SIZE_AT = 5;

  private static final boolean ONE_FRAME = true;

  private static final LZ4Factory LZ4 = LZ4Factory.fastestInstance();
  private static final XXHashFactory XXHASH = XXHashFactory.fastestInstance();

  @Override
  public InputStream reader(ByteBuffer compressed, long cap) throws IOException {
    return new LZ4FrameInputStream(
        new BufferInput(compressed), LZ4.safeDecompressor(), XXHASH.hash32(), ONE_FRAME);
  }

  /** Two buffers of the block size, which is 64 KiB, 256 KiB, 1 MiB or 4 MiB. */
  @Override
  public int readerBytes(ByteBuffer compressed) {
    if (compressed.remaining() <= BLOCK_SIZE_AT) {
      return USUAL_READER_BYTES;
    }
    int size = (compressed.get(compressed.position() + BLOCK_SIZE_AT) >> 4) & 7;
    return 2 << (2 * size + 8);
  }

  @Override
  public void write(byte[] source, int from, int length, BoundedOutput out) throws IOException {
    try (OutputStream frame =
        new LZ4FrameOutputStream(
            out,
            BLOCKSIZE.SIZE_64KB,
            -1L,
            LZ4.fastCompressor(),
            XXHASH.hash32(),
            FLG.Bits.BLOCK_INDEPENDENCE)) {
      frame.write(source, from, length);
    }
  }
}
