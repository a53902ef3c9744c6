package dev.weir.core.record;

import com.github.luben.zstd.RecyclingBufferPool;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** RFC 8878, level 3 as Kafka's default. */
enum ZstdCodec implements Codec {
  INSTANCE;

  private static final int LEVEL = 3;

  /**
   * A frame may declare a window of up to 128 MiB (what level 22 does): the library reserves it but
   * touches only what is decompressed, which the caller bounds.
   */
  @Override
  public InputStream reader(ByteBuffer compressed, long cap) throws IOException {
    return new ZstdInputStreamNoFinalizer(
        new BufferInput(compressed), RecyclingBufferPool.INSTANCE);
  }

  @Override
  public void write(byte[] source, int from, int length, BoundedOutput out) {
    byte[] target = out.wholeArray();
    try {
      out.wrote((int) Zstd.compressByteArray(target, 0, out.bound(), source, from, length, LEVEL));
    } catch (ZstdException e) {
      if (e.getErrorCode() != Zstd.errDstSizeTooSmall()) {
        throw e;
      }
      out.overflow();
    }
  }
}
