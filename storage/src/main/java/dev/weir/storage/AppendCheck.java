package dev.weir.storage;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.record.BatchValidator;
import dev.weir.core.record.EndTransactionMarker;
import dev.weir.core.record.RecordBatch;
import dev.weir.core.record.TimestampBounds;
import dev.weir.core.record.TimestampType;

/**
 * Whether a batch may be appended, by where it comes from. Changes nothing. Lives in the log's
 * loop.
 */
final class AppendCheck {
  private final LogContents contents;

  AppendCheck(LogContents contents) {
    this.contents = contents;
  }

  /**
   * @param nowMillis the wall clock, which create times are measured against
   * @throws WeirException the batch is refused
   */
  SequenceVerdict judge(
      RecordBatch batch, AppendOrigin origin, LogSettings settings, long nowMillis) {
    return switch (origin) {
      case CLIENT, VERIFIED_CLIENT -> {
        requireValid(batch, settings, nowMillis);
        SequenceVerdict verdict = contents.producers().judge(batch);
        yield verdict instanceof SequenceVerdict.Next
            ? judgeTransaction(batch, origin == AppendOrigin.VERIFIED_CLIENT)
            : verdict;
      }
      case COORDINATOR -> contents.producers().judge(requireMarker(batch));
      case REPLICATION -> {
        requireWhole(batch);
        requireBehindTheEnd(batch);
        yield SequenceVerdict.Next.INSTANCE;
      }
    };
  }

  private static void requireValid(RecordBatch batch, LogSettings settings, long nowMillis) {
    boolean producersTime = settings.timestampType() == TimestampType.CREATE_TIME;
    BatchValidator.validate(
        batch,
        settings.maxMessageBytes(),
        settings.maxRecordBytes(),
        settings.decompression(),
        producersTime ? settings.timestampBounds() : TimestampBounds.ANY,
        nowMillis,
        settings.compaction().compacts());
    if (batch.timestampType() == TimestampType.LOG_APPEND_TIME) {
      throw new WeirException(
          ErrorCode.INVALID_TIMESTAMP, "a producer may not claim log-append time for its batch");
    }
  }

  /** A batch belongs to the open transaction or to none; only a verified one begins one. */
  private SequenceVerdict judgeTransaction(RecordBatch batch, boolean verified) {
    boolean open =
        batch.hasProducerId()
            && contents.producers().openSince(batch.producerId()) != ProducerState.NO_TRANSACTION;
    if (open && !batch.isTransactional()) {
      return refused(batch, "has a transaction open; this batch belongs to none");
    }
    if (open && contents.producers().epochOf(batch.producerId()) != batch.producerEpoch()) {
      return refused(batch, "has a transaction open that an older epoch began");
    }
    if (!open && batch.isTransactional() && !verified) {
      return refused(
          batch, "has no transaction open here, and no coordinator said that it begins one");
    }
    return SequenceVerdict.Next.INSTANCE;
  }

  private static SequenceVerdict refused(RecordBatch batch, String what) {
    return new SequenceVerdict.Refused(
        ErrorCode.INVALID_TRANSACTION_STATE, "producer " + batch.producerId() + " " + what);
  }

  private static EndTransactionMarker requireMarker(RecordBatch batch) {
    requireWhole(batch);
    EndTransactionMarker marker = EndTransactionMarker.of(batch);
    if (marker == null || batch.lastOffsetDelta() != 0) {
      throw new WeirException(
          ErrorCode.CORRUPT_BATCH, "a coordinator appends markers that end a transaction");
    }
    return marker;
  }

  private static void requireWhole(RecordBatch batch) {
    if (!batch.crcMatches()) {
      throw new WeirException(ErrorCode.CORRUPT_BATCH, "the " + batch + " does not match its CRC");
    }
  }

  private void requireBehindTheEnd(RecordBatch batch) {
    long end = contents.logEndOffset();
    if (batch.baseOffset() < end || batch.lastOffsetDelta() < 0) {
      throw new WeirException(
          ErrorCode.OFFSET_OUT_OF_RANGE,
          "a batch of offsets "
              + batch.baseOffset()
              + " to "
              + batch.lastOffset()
              + " came from the leader; the log ends at "
              + end);
    }
    if (batch.lastOffset() - end > Integer.MAX_VALUE) {
      // a segment's indexes hold 31 bits of offset, and segments join without gaps
      throw new WeirException(
          ErrorCode.OFFSET_OUT_OF_RANGE,
          "the gap between offset "
              + end
              + " and the leader's batch at "
              + batch.baseOffset()
              + " is too large");
    }
  }
}
