package dev.weir.core.record;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/**
 * Records of a compressed batch, decompressed as they are asked for into one window that slides.
 * The window grows only when it is full of bytes that really came, so a length that lies costs
 * nothing.
 */
final class InflatedRecords extends RecordSource {
  private static final int FIRST_WINDOW_BYTES = 16 << 10;

  /** What a decompressor keeps of what it has decompressed: windows grow up to this. */
  private static final long WINDOW_BYTES = 8 << 20;

  private final InputStream inflated;
  private final int readerBytes;
  private final int maxBodyBytes;
  private final long cap;
  private long inflatedBytes;
  private byte[] bytes;
  private ByteBuffer window;

  /** Unread bytes of the window; {@code start} is the end of the current record. */
  private int start;

  private int end;
  private boolean drained;

  private InflatedRecords(InputStream inflated, int readerBytes, long cap, int maxBodyBytes) {
    this.inflated = inflated;
    this.readerBytes = readerBytes;
    this.cap = cap;
    this.maxBodyBytes = maxBodyBytes;
    this.bytes = new byte[(int) Math.min(FIRST_WINDOW_BYTES, cap + 1)];
    this.window = ByteBuffer.wrap(bytes).asReadOnlyBuffer();
  }

  static InflatedRecords open(
      Codec codec, ByteBuffer encoded, DecompressionLimits limits, int maxBodyBytes) {
    long cap = limits.capFor(encoded.remaining());
    try {
      return new InflatedRecords(
          codec.reader(encoded, cap), codec.readerBytes(encoded), cap, maxBodyBytes);
    } catch (IOException e) {
      throw undecodable(e);
    }
  }

  @Override
  ByteBuffer next() {
    fill(Varint.MAX_INT_BYTES);
    window.limit(end).position(start);
    int size = Varint.readInt(window);
    start = window.position();
    requireBodySize(size, maxBodyBytes);
    fill(size);
    if (end - start < size) {
      throw RecordBatch.corrupt("a record of " + size + " bytes is cut off after " + (end - start));
    }
    window.limit(start + size).position(start);
    start += size;
    return window;
  }

  @Override
  boolean atEnd() {
    fill(1);
    return start == end;
  }

  @Override
  long heldBytes() {
    long window = inflated instanceof SnappyFrames frames ? frames.heldBytes() : inflatedBytes;
    return bytes.length + readerBytes + Math.min(window, WINDOW_BYTES);
  }

  @Override
  public void close() {
    try {
      inflated.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Tries to have this many unread bytes in the window; fewer only at the end of the stream. */
  private void fill(int wanted) {
    while (end - start < wanted && !drained) {
      if (end == bytes.length) {
        makeRoom();
      }
      int count = inflate();
      if (count < 0) {
        drained = true;
        return;
      }
      end += count;
      inflatedBytes += count;
      if (inflatedBytes > cap) {
        throw tooLarge(cap);
      }
    }
  }

  private int inflate() {
    try {
      return inflated.read(bytes, end, bytes.length - end);
    } catch (WeirException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // What a codec throws at garbage is not part of its contract.
      throw undecodable(e);
    }
  }

  private void makeRoom() {
    int unread = end - start;
    // At least half of the window is free afterwards, so bytes move once on average.
    byte[] roomier =
        unread > bytes.length / 2
            ? new byte[(int) Math.min(2L * bytes.length, Integer.MAX_VALUE - 8)]
            : bytes;
    System.arraycopy(bytes, start, roomier, 0, unread);
    if (roomier != bytes) {
      bytes = roomier;
      window = ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    }
    start = 0;
    end = unread;
  }

  static WeirException tooLarge(long cap) {
    return new WeirException(
        ErrorCode.BATCH_TOO_LARGE,
        "the records decompress to more than the " + cap + " bytes allowed for this batch");
  }

  static WeirException blockTooLarge(int bytes, int plainBytes, long most) {
    return new WeirException(
        ErrorCode.BATCH_TOO_LARGE,
        "a block of "
            + bytes
            + " bytes decompresses to "
            + plainBytes
            + " bytes, more than the "
            + most
            + " allowed for one block");
  }

  private static WeirException undecodable(Exception cause) {
    return new WeirException(
        ErrorCode.CORRUPT_BATCH, "the records cannot be decompressed: " + cause, cause);
  }
}
