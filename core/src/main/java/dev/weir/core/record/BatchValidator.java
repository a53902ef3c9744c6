package dev.weir.core.record;

/** The full check of a client's batch before it is stored. Any thread. */
public final class BatchValidator {
  private BatchValidator() {}

  /**
   * Checks everything a stored batch promises: CRC, counts, offsets 0 to n-1, timestamps, producer
   * fields, that every record can be read.
   *
   * @throws dev.weir.core.error.WeirException CORRUPT_BATCH, BATCH_TOO_LARGE, RECORD_TOO_LARGE,
   *     UNSUPPORTED_COMPRESSION or INVALID_TIMESTAMP
   */
  public static void validate(
      RecordBatch batch, int maxBatchBytes, int maxRecordBytes, DecompressionLimits limits) {
    throw new UnsupportedOperationException();
  }
}
