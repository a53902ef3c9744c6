package dev.weir.core.record;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.xerial.snappy.SnappyOutputStream;

/** Snappy in the framing of snappy-java. */
enum SnappyCodec implements Codec {
  INSTANCE;

  @Override
  public InputStream reader(ByteBuffer compressed, long cap) {
    return new SnappyFrames(compressed, cap);
  }

  @Override
  public void write(byte[] source, int from, int length, BoundedOutput out) throws IOException {
    try (OutputStream snappy = new SnappyOutputStream(out)) {
      snappy.write(source, from, length);
    }
  }
}
