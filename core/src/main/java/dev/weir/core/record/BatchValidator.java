package dev.weir.core.record;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;

/**
 * The full check of a client's batch before it is stored, in one pass that allocates nothing per
 * record. Any thread.
 */
public final class BatchValidator {
  private BatchValidator() {}

  /**
   * Checks everything that a stored batch promises: the CRC, every record readable, offset deltas 0
   * to n-1, the largest timestamp right, producer fields that fit together, nothing that only a
   * broker may write. The base offset does not matter: the log assigns it.
   *
   * @param maxBatchBytes the most bytes of the batch as it is
   * @param maxRecordBytes the most bytes of one record's key, value and encoded headers
   * @throws WeirException CORRUPT_BATCH, BATCH_TOO_LARGE, RECORD_TOO_LARGE, INVALID_TIMESTAMP or
   *     UNSUPPORTED_COMPRESSION
   */
  public static void validate(
      RecordBatch batch, int maxBatchBytes, int maxRecordBytes, DecompressionLimits limits) {
    validate(batch, maxBatchBytes, maxRecordBytes, limits, TimestampBounds.ANY, 0, false);
  }

  /**
   * As above, and every timestamp is within the bounds.
   *
   * @param nowMillis the broker's clock
   * @param keysRequired a record without a key makes the batch an INVALID_RECORD
   */
  public static void validate(
      RecordBatch batch,
      int maxBatchBytes,
      int maxRecordBytes,
      DecompressionLimits limits,
      TimestampBounds bounds,
      long nowMillis,
      boolean keysRequired) {
    if (batch.sizeInBytes() > maxBatchBytes) {
      throw new WeirException(
          ErrorCode.BATCH_TOO_LARGE,
          "the batch has " + batch.sizeInBytes() + " bytes, at most " + maxBatchBytes + " allowed");
    }
    if (!batch.crcMatches()) {
      throw RecordBatch.corrupt("the " + batch + " does not match its CRC");
    }
    requireClientAttributes(batch);
    requireProducer(batch);
    if (batch.recordCount() < 1) {
      throw RecordBatch.corrupt("a batch has at least one record, not " + batch.recordCount());
    }
    if (batch.lastOffsetDelta() != batch.recordCount() - 1) {
      throw RecordBatch.corrupt(
          "a batch of "
              + batch.recordCount()
              + " records has last offset delta "
              + batch.lastOffsetDelta());
    }
    long largest =
        keysRequired
            ? UsualRecords.UNUSUAL // it does not look for keys
            : UsualRecords.largestTimestamp(
                batch, maxRecordBytes, bounds.earliest(nowMillis), bounds.latest(nowMillis));
    if (largest == UsualRecords.UNUSUAL) {
      largest = requireRecords(batch, maxRecordBytes, limits, bounds, nowMillis, keysRequired);
    }
    if (largest != batch.maxTimestamp()) {
      throw RecordBatch.corrupt(
          "the batch says its largest timestamp is "
              + batch.maxTimestamp()
              + ", its records say "
              + largest);
    }
  }

  private static void requireClientAttributes(RecordBatch batch) {
    int attributes = batch.attributes();
    if ((attributes & ~BatchLayout.KNOWN_BITS) != 0) {
      throw RecordBatch.corrupt(
          "the batch has unknown attributes 0x" + Integer.toHexString(attributes & 0xffff));
    }
    if (batch.isControl()) {
      throw RecordBatch.corrupt("a client must not send a control batch");
    }
    if (batch.hasDeleteHorizon()) {
      throw RecordBatch.corrupt("a client must not send a batch with a delete horizon");
    }
    if (batch.timestampType() == TimestampType.LOG_APPEND_TIME) {
      throw new WeirException(
          ErrorCode.INVALID_TIMESTAMP, "a client must not send a batch with log append time");
    }
  }

  /** Without a producer id, epoch and sequence mean nothing and clients send various values. */
  private static void requireProducer(RecordBatch batch) {
    long id = batch.producerId();
    if (id < BatchLayout.NO_PRODUCER_ID) {
      throw RecordBatch.corrupt("producer id " + id + " is negative");
    }
    if (batch.hasProducerId() && (batch.producerEpoch() < 0 || batch.baseSequence() < 0)) {
      throw RecordBatch.corrupt(
          "producer "
              + id
              + " needs an epoch and a sequence, not "
              + batch.producerEpoch()
              + " and "
              + batch.baseSequence());
    }
    if (batch.isTransactional() && !batch.hasProducerId()) {
      throw RecordBatch.corrupt("a transactional batch needs a producer id");
    }
  }

  /** Checks record by record and returns the largest timestamp. */
  private static long requireRecords(
      RecordBatch batch,
      int maxRecordBytes,
      DecompressionLimits limits,
      TimestampBounds bounds,
      long nowMillis,
      boolean keysRequired) {
    int maxBodyBytes =
        (int) Math.min(Integer.MAX_VALUE, (long) maxRecordBytes + RecordSizes.MAX_BODY_OVERHEAD);
    long largest = Long.MIN_VALUE;
    try (RecordCursor cursor = RecordCursor.open(batch, limits, maxBodyBytes)) {
      // n offset deltas that rise and end at most at n-1 can only be 0 to n-1.
      while (cursor.next()) {
        if (cursor.payloadSize() > maxRecordBytes) {
          throw new WeirException(
              ErrorCode.RECORD_TOO_LARGE,
              "a record of "
                  + cursor.payloadSize()
                  + " bytes is larger than the "
                  + maxRecordBytes
                  + " bytes allowed");
        }
        if (keysRequired && cursor.keySize() < 0) {
          throw new WeirException(
              ErrorCode.INVALID_RECORD,
              "record "
                  + (cursor.offset() - batch.baseOffset())
                  + " of the batch, counted from 0, has no key: a topic whose cleanup.policy is"
                  + " compact needs one");
        }
        requireTimestamp(cursor.timestamp());
        bounds.require(cursor.timestamp(), nowMillis);
        largest = Math.max(largest, cursor.timestamp());
      }
    }
    return largest;
  }

  /** Also finds deltas that overflow: from a base of at least -1 they end below it. */
  private static void requireTimestamp(long timestamp) {
    if (timestamp < BatchLayout.NO_TIMESTAMP) {
      throw new WeirException(
          ErrorCode.INVALID_TIMESTAMP, "a timestamp is at least 0 (or -1), not " + timestamp);
    }
  }
}
