package dev.weir.core.record;

import dev.weir.core.error.WeirException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a coordinator writes into every partition of a transaction to end it: a control batch with
 * one record. Its key says commit or abort, its value the coordinator's epoch (KIP-98).
 *
 * @param type COMMIT or ABORT
 * @param producerEpoch the epoch of the transaction, or a higher one, which then fences the
 *     producer's older batches (KIP-890)
 * @param coordinatorEpoch by which a log tells a coordinator that has been replaced
 */
public record EndTransactionMarker(
    ControlRecordType type, long producerId, short producerEpoch, int coordinatorEpoch) {
  private static final short KEY_VERSION = 0;
  private static final short VALUE_VERSION = 0;
  private static final short ABORT_TYPE = 0;
  private static final short COMMIT_TYPE = 1;
  private static final int COORDINATOR_EPOCH_AT = Short.BYTES;
  private static final int VALUE_BYTES = Short.BYTES + Integer.BYTES;

  public EndTransactionMarker {
    if (type == ControlRecordType.UNKNOWN || producerId < 0 || producerEpoch < 0) {
      throw new IllegalArgumentException(
          "no marker of type "
              + type
              + " for producer "
              + producerId
              + " with epoch "
              + producerEpoch);
    }
  }

  /** Whether the transaction's records are to be passed over. */
  public boolean aborts() {
    return type == ControlRecordType.ABORT;
  }

  /**
   * A complete control batch with base offset 0 and leader epoch -1.
   *
   * @param timestamp milliseconds since 1970
   */
  public ByteBuffer encode(long timestamp) {
    byte[] key =
        ByteBuffer.allocate(2 * Short.BYTES)
            .putShort(KEY_VERSION)
            .putShort(aborts() ? ABORT_TYPE : COMMIT_TYPE)
            .array();
    byte[] value =
        ByteBuffer.allocate(VALUE_BYTES).putShort(VALUE_VERSION).putInt(coordinatorEpoch).array();
    RecordBatchBuilder builder =
        new RecordBatchBuilder(Compression.NONE, 2 * RecordBatch.HEADER_BYTES);
    builder.append(timestamp, key, value, List.of());
    builder.producer(producerId, producerEpoch, BatchLayout.NO_SEQUENCE, true);
    ByteBuffer batch = builder.build();
    int attributes = batch.getShort(BatchLayout.ATTRIBUTES) | BatchLayout.CONTROL_BIT;
    batch.putShort(BatchLayout.ATTRIBUTES, (short) attributes);
    return batch.putInt(BatchLayout.CRC, BatchLayout.crcOf(batch, batch.limit()));
  }

  /**
   * The marker in a batch; null when the batch is no control batch, holds a control record of
   * another type, or is one that compaction has emptied because nothing of its transaction is left.
   */
  public static @Nullable EndTransactionMarker of(RecordBatch batch) {
    if (!batch.isControl() || !batch.hasProducerId() || batch.producerEpoch() < 0) {
      return null;
    }
    try (RecordCursor records = batch.records(DecompressionLimits.DEFAULT)) {
      if (!records.next()) {
        return null;
      }
      ControlRecordType type = ControlRecordType.of(records);
      ByteBuffer value = records.value();
      if (type == ControlRecordType.UNKNOWN || value == null || value.remaining() < VALUE_BYTES) {
        return null;
      }
      return new EndTransactionMarker(
          type,
          batch.producerId(),
          batch.producerEpoch(),
          value.getInt(value.position() + COORDINATOR_EPOCH_AT));
    } catch (WeirException notAControlRecord) {
      return null;
    }
  }
}
