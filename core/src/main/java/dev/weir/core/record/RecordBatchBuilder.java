package dev.weir.core.record;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Collects records and makes batches of them, one after the other, from one buffer that grows up to
 * the size of a batch. One thread.
 */
public final class RecordBatchBuilder {
  private static final int FIRST_BYTES = 1 << 10;
  private static final int MAX_ARRAY_BYTES = Integer.MAX_VALUE - 8;
  private static final byte[][] NO_NAMES = {};

  private final Compression compression;
  private final int maxBytes;
  private final BoundedOutput compressed = new BoundedOutput();
  private byte[] bytes = new byte[FIRST_BYTES];
  private int end;
  private int recordCount;
  private long baseTimestamp;
  private long maxTimestamp;
  private long producerId;
  private short producerEpoch;
  private int baseSequence;
  private boolean transactional;

  /**
   * @param compression applied when the batch is built; dropped for a batch that it would enlarge
   * @param maxBytes the most bytes a batch may have, header included and before compression; only a
   *     single record may exceed it
   */
  public RecordBatchBuilder(Compression compression, int maxBytes) {
    if (maxBytes < RecordBatch.HEADER_BYTES) {
      throw new IllegalArgumentException("a batch cannot be as small as " + maxBytes + " bytes");
    }
    this.compression = compression;
    this.maxBytes = maxBytes;
    clear();
  }

  /**
   * Adds a record. The first one always fits. The arrays are copied.
   *
   * @param timestamp milliseconds since 1970, or -1 for none
   * @return false when it does not fit: nothing has changed, build what is there
   * @throws WeirException INVALID_TIMESTAMP below -1; RECORD_TOO_LARGE beyond any array
   */
  public boolean append(
      long timestamp, byte @Nullable [] key, byte @Nullable [] value, List<RecordHeader> headers) {
    if (timestamp < BatchLayout.NO_TIMESTAMP) {
      throw new WeirException(
          ErrorCode.INVALID_TIMESTAMP, "a timestamp is at least 0 (or -1), not " + timestamp);
    }
    long timestampDelta = recordCount == 0 ? 0 : timestamp - baseTimestamp;
    byte[][] names = headers.isEmpty() ? NO_NAMES : encodeNames(headers);
    long bodySize =
        1L
            + Varint.sizeOf(timestampDelta)
            + Varint.sizeOf(recordCount)
            + sizeWithLength(key)
            + sizeWithLength(value)
            + sizeOfHeaders(names, headers);
    if (!makeRoom(bodySize)) {
      return false;
    }
    int at = Varint.write(bytes, end, (int) bodySize);
    bytes[at++] = 0; // attributes, unused
    at = Varint.write(bytes, at, timestampDelta);
    at = Varint.write(bytes, at, recordCount);
    at = put(at, key);
    at = put(at, value);
    at = Varint.write(bytes, at, names.length);
    for (int i = 0; i < names.length; i++) {
      at = put(at, names[i]);
      at = put(at, headers.get(i).value());
    }
    end = at;
    if (recordCount++ == 0) {
      baseTimestamp = timestamp;
      maxTimestamp = timestamp;
    } else {
      maxTimestamp = Math.max(maxTimestamp, timestamp);
    }
    return true;
  }

  public int recordCount() {
    return recordCount;
  }

  /** Bytes of the batch so far, header included, before compression. */
  public int estimatedBytes() {
    return end;
  }

  /**
   * Makes this batch one of an idempotent producer; at any time before {@link #build}, for this
   * batch only.
   */
  public void producer(long id, short epoch, int sequence, boolean inTransaction) {
    producerId = id;
    producerEpoch = epoch;
    baseSequence = sequence;
    transactional = inTransaction;
  }

  /**
   * A complete batch with base offset 0 and leader epoch -1, from position 0 to the limit, in an
   * array of its own. The builder is empty afterwards.
   *
   * @throws IllegalStateException no record was added
   */
  public ByteBuffer build() {
    if (recordCount == 0) {
      throw new IllegalStateException("a batch needs at least one record");
    }
    ByteBuffer batch = compression == Compression.NONE ? plainBatch() : smallestBatch();
    clear();
    return batch;
  }

  /** Forgets the records and the producer of the batch so far. */
  public void clear() {
    end = RecordBatch.HEADER_BYTES;
    recordCount = 0;
    producerId = BatchLayout.NO_PRODUCER_ID;
    producerEpoch = BatchLayout.NO_PRODUCER_EPOCH;
    baseSequence = BatchLayout.NO_SEQUENCE;
    transactional = false;
    if (bytes.length > Math.max(maxBytes, FIRST_BYTES)) {
      bytes = new byte[FIRST_BYTES]; // one record was larger than a batch should be
    }
  }

  /**
   * Gives a complete batch another producer identity and rewrites the CRC.
   *
   * @param batch writable; the batch begins at its position
   */
  public static void stampProducer(
      ByteBuffer batch, long producerId, short epoch, int baseSequence) {
    ByteBuffer bytes = RecordBatch.at(batch, batch.position()).buffer();
    bytes
        .putLong(BatchLayout.PRODUCER_ID, producerId)
        .putShort(BatchLayout.PRODUCER_EPOCH, epoch)
        .putInt(BatchLayout.BASE_SEQUENCE, baseSequence)
        .putInt(BatchLayout.CRC, BatchLayout.crcOf(bytes, bytes.limit()));
  }

  private ByteBuffer plainBatch() {
    return complete(Compression.NONE, bytes, RecordBatch.HEADER_BYTES, end);
  }

  private ByteBuffer smallestBatch() {
    int plainBytes = end - RecordBatch.HEADER_BYTES;
    compressed.reset(plainBytes);
    try {
      Codec.of(compression).write(bytes, RecordBatch.HEADER_BYTES, plainBytes, compressed);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // into memory: only a codec at odds with itself
    }
    return compressed.overflown()
        ? plainBatch()
        : complete(compression, compressed.bytes(), 0, compressed.size());
  }

  private ByteBuffer complete(Compression codec, byte[] records, int from, int to) {
    int size = RecordBatch.HEADER_BYTES + to - from;
    ByteBuffer batch = ByteBuffer.allocate(size);
    int attributes = codec.id() | (transactional ? BatchLayout.TRANSACTIONAL_BIT : 0);
    batch
        .putInt(BatchLayout.LENGTH, size - RecordBatch.LENGTH_PREFIX_BYTES)
        .putInt(BatchLayout.LEADER_EPOCH, BatchLayout.NO_LEADER_EPOCH)
        .put(BatchLayout.MAGIC, BatchLayout.MAGIC_V2)
        .putShort(BatchLayout.ATTRIBUTES, (short) attributes)
        .putInt(BatchLayout.LAST_OFFSET_DELTA, recordCount - 1)
        .putLong(BatchLayout.BASE_TIMESTAMP, baseTimestamp)
        .putLong(BatchLayout.MAX_TIMESTAMP, maxTimestamp)
        .putLong(BatchLayout.PRODUCER_ID, producerId)
        .putShort(BatchLayout.PRODUCER_EPOCH, producerEpoch)
        .putInt(BatchLayout.BASE_SEQUENCE, baseSequence)
        .putInt(BatchLayout.RECORD_COUNT, recordCount)
        .put(RecordBatch.HEADER_BYTES, records, from, to - from);
    return batch.putInt(BatchLayout.CRC, BatchLayout.crcOf(batch, size));
  }

  private boolean makeRoom(long bodySize) {
    long needed = end + Varint.MAX_INT_BYTES + bodySize;
    if (needed > maxBytes) {
      if (recordCount > 0 && end + Varint.sizeOf((int) bodySize) + bodySize > maxBytes) {
        return false;
      }
      if (needed > MAX_ARRAY_BYTES) {
        throw new WeirException(
            ErrorCode.RECORD_TOO_LARGE, "a record of " + bodySize + " bytes fits in no batch");
      }
    }
    if (needed > bytes.length) {
      long roomy = Math.max(needed, Math.min(2L * bytes.length, maxBytes));
      bytes = Arrays.copyOf(bytes, (int) roomy);
    }
    return true;
  }

  private int put(int at, byte @Nullable [] field) {
    if (field == null) {
      return Varint.write(bytes, at, -1);
    }
    int begin = Varint.write(bytes, at, field.length);
    System.arraycopy(field, 0, bytes, begin, field.length);
    return begin + field.length;
  }

  private static byte[][] encodeNames(List<RecordHeader> headers) {
    byte[][] names = new byte[headers.size()][];
    for (int i = 0; i < names.length; i++) {
      names[i] = headers.get(i).key().getBytes(StandardCharsets.UTF_8);
    }
    return names;
  }

  private static long sizeOfHeaders(byte[][] names, List<RecordHeader> headers) {
    long size = Varint.sizeOf(names.length);
    for (int i = 0; i < names.length; i++) {
      size += sizeWithLength(names[i]) + sizeWithLength(headers.get(i).value());
    }
    return size;
  }

  private static long sizeWithLength(byte @Nullable [] field) {
    return field == null ? Varint.sizeOf(-1) : Varint.sizeOf(field.length) + (long) field.length;
  }
}
