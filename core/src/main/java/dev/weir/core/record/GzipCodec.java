package dev.weir.core.record;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** RFC 1952. */
enum GzipCodec implements Codec {
  INSTANCE;

  private static final int BUFFER_BYTES = 8 << 10;

  @Override
  public InputStream reader(ByteBuffer compressed, long cap) throws IOException {
    return new GZIPInputStream(
        new BufferInput(compressed), Math.max(64, Math.min(BUFFER_BYTES, compressed.remaining())));
  }

  @Override
  public void write(byte[] source, int from, int length, BoundedOutput out) throws IOException {
    try (GZIPOutputStream gzip = new GZIPOutputStream(out, BUFFER_BYTES)) {
      gzip.write(source, from, length);
    }
  }
}
