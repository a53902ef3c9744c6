package dev.weir.core.record;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Walks over the records of one batch. One thread. */
public final class RecordCursor implements AutoCloseable {
  RecordCursor(RecordBatch batch, DecompressionLimits limits) {}

  /** Moves to the next record; false when there is none. */
  public boolean next() {
    throw new UnsupportedOperationException();
  }

  public long offset() {
    throw new UnsupportedOperationException();
  }

  public long timestamp() {
    throw new UnsupportedOperationException();
  }

  /** Bytes of the key, -1 when it is null. */
  public int keySize() {
    throw new UnsupportedOperationException();
  }

  /** Bytes of the value, -1 when it is null. */
  public int valueSize() {
    throw new UnsupportedOperationException();
  }

  /** Bytes of key, value and headers without framing: what the record limit counts. */
  public int payloadSize() {
    throw new UnsupportedOperationException();
  }

  /** The key where it lies, read-only, valid until the next call of {@link #next} or close. */
  public @Nullable ByteBuffer key() {
    throw new UnsupportedOperationException();
  }

  /** The value where it lies, read-only, valid until the next call of {@link #next} or close. */
  public @Nullable ByteBuffer value() {
    throw new UnsupportedOperationException();
  }

  /** A copy of the key. */
  public byte @Nullable [] keyBytes() {
    throw new UnsupportedOperationException();
  }

  /** A copy of the value. */
  public byte @Nullable [] valueBytes() {
    throw new UnsupportedOperationException();
  }

  /** Copies the value, which must not be null, without allocating. */
  public void copyValue(byte[] target, int at) {
    throw new UnsupportedOperationException();
  }

  public int headerCount() {
    throw new UnsupportedOperationException();
  }

  public List<RecordHeader> headers() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
