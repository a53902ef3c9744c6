package dev.weir.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Counts PAYLOAD frames and their data in a stream of bytes, however they are cut. */
final class WeirFrameCounter {
  private static final int PAYLOAD = 0x0a;
  private static final int ERROR = 0x0b;
  private static final int HAS_METADATA = 0x100;
  private static final int COMPLETE = 0x40;
  private static final int HEADER_BYTES = 3 + 4 + 2;

  private final ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES + 3);
  private final @Nullable TailCounter tail;
  private int skip;
  private int data;
  private long messages;
  private long dataBytes;

  WeirFrameCounter() {
    this(null);
  }

  /** The data of all payloads goes to the other counter as well. */
  WeirFrameCounter(@Nullable TailCounter tail) {
    this.tail = tail;
  }

  long messages() {
    return messages;
  }

  long dataBytes() {
    return dataBytes;
  }

  /** Takes all the bytes. */
  void take(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      if (skip > 0) {
        int skipped = Math.min(skip, bytes.remaining());
        bytes.position(bytes.position() + skipped);
        skip -= skipped;
      } else if (data > 0) {
        int taken = Math.min(data, bytes.remaining());
        takeData(bytes, taken);
        data -= taken;
      } else {
        header.put(bytes.get());
        if (header.position() >= HEADER_BYTES) {
          onHeader(bytes);
        }
      }
    }
  }

  private void takeData(ByteBuffer bytes, int count) {
    if (tail == null) {
      bytes.position(bytes.position() + count);
    } else {
      tail.take(bytes, count);
    }
  }

  private void onHeader(ByteBuffer rest) throws IOException {
    int frameBytes = header.getInt(0) >>> 8;
    int typeAndFlags = header.getShort(HEADER_BYTES - 2);
    int type = (typeAndFlags & 0xffff) >>> 10;
    int left = frameBytes - (HEADER_BYTES - 3);
    if (type == PAYLOAD) {
      int payload = left;
      if ((typeAndFlags & HAS_METADATA) != 0) {
        if (header.position() < header.capacity()) {
          return; // the length of the metadata is still to come
        }
        left -= 3;
        payload = left - (header.getInt(HEADER_BYTES - 1) & 0xff_ffff);
      }
      if ((typeAndFlags & COMPLETE) != 0) {
        throw new IOException("the broker completed a stream that is endless");
      }
      messages++;
      dataBytes += payload;
      data = payload;
      left -= payload;
    } else if (type == ERROR) {
      byte[] said = new byte[Math.min(left, rest.remaining())];
      rest.get(said);
      throw new IOException("the broker says: " + new String(said, StandardCharsets.UTF_8));
    }
    skip = left;
    header.clear();
  }
}
