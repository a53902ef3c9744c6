package dev.weir.core.record;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** How one codec turns records into a stream of bytes and back. Stateless, any thread. */
interface Codec {
  /** A decompressor's tables and buffers. */
  int USUAL_READER_BYTES = 64 << 10;

  /**
   * Decompresses the buffer's remaining bytes; any kind of buffer. The stream may hold native
   * memory until it is closed, and takes no memory by a length it has not checked.
   *
   * @param cap the caller stops reading soon after this many bytes
   */
  InputStream reader(ByteBuffer compressed, long cap) throws IOException;

  /** About what {@link #reader} holds besides what it has decompressed, in bytes. */
  default int readerBytes(ByteBuffer compressed) {
    return USUAL_READER_BYTES;
  }

  /** Compresses into the output; what does not fit there is dropped and {@code out} knows. */
  void write(byte[] source, int from, int length, BoundedOutput out) throws IOException;

  /** Loads a codec's library only when it is first used. */
  static Codec of(Compression compression) {
    return switch (compression) {
      case NONE -> throw new IllegalArgumentException("no codec is needed");
      case GZIP -> GzipCodec.INSTANCE;
      case SNAPPY -> SnappyCodec.INSTANCE;
      case LZ4 -> Lz4Codec.INSTANCE;
      case ZSTD -> ZstdCodec.INSTANCE;
    };
  }
}
