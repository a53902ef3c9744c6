package dev.weir.client;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.record.RecordBatchBuilder;
import dev.weir.core.record.RecordHeader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Records on their way to one partition: filled under its queue's lock, sealed once by whoever
 * closed it, then owned by the producer's loop. Per record it keeps a correlation and nothing else;
 * who waits for results is kept per run of neighbouring records.
 */
final class ProducerBatch {
  /** What a record costs beside its bytes until its result is taken: references, array slots. */
  static final int RECORD_OVERHEAD_BYTES = 64;

  private static final int FIRST_CORRELATIONS = 16;

  final PartitionTarget target;
  final long createdNanos;

  // While it is filled.
  private @Nullable RecordBatchBuilder builder;
  private @Nullable Object @Nullable [] correlations;
  private final List<RunReceiver> receivers = new ArrayList<>(1);
  private int[] runEnds = new int[1];
  private int recordCount;

  // From sealing on.
  private @Nullable ByteBuffer bytes;
  private @Nullable WeirException error;
  private volatile boolean sealed;

  // On the producer's loop.
  private long baseOffset = SendResult.UNKNOWN_OFFSET;
  final BatchProgress progress = new BatchProgress();

  ProducerBatch(PartitionTarget target, RecordBatchBuilder builder, long createdNanos) {
    this.target = target;
    this.builder = builder;
    this.createdNanos = createdNanos;
  }

  /** Returns the bytes the batch has grown by, or 0 when the record does not fit. */
  int append(
      RunReceiver receiver,
      long timestamp,
      byte @Nullable [] key,
      byte @Nullable [] value,
      List<RecordHeader> headers,
      @Nullable Object correlation) {
    RecordBatchBuilder open = requireOpen();
    int before = recordCount == 0 ? 0 : open.estimatedBytes();
    if (!open.append(timestamp, key, value, headers)) {
      return 0;
    }
    remember(receiver, correlation);
    return open.estimatedBytes() - before;
  }

  /** Builds the bytes. Returns the builder, which is free again. Once; not under a lock. */
  RecordBatchBuilder seal() {
    RecordBatchBuilder full = requireOpen();
    builder = null;
    try {
      bytes = full.build();
    } catch (RuntimeException e) {
      full.clear();
      error = new WeirException(ErrorCode.INTERNAL, "a batch cannot be compressed: " + e, e);
    }
    sealed = true;
    return full;
  }

  /** Bytes so far, before compression; while it is not sealed. */
  int estimatedBytes() {
    return requireOpen().estimatedBytes();
  }

  boolean isSealed() {
    return sealed;
  }

  int recordCount() {
    return recordCount;
  }

  /** Bytes as they are sent; 0 when sealing failed. */
  int sizeInBytes() {
    return bytes == null ? 0 : bytes.limit();
  }

  /** The batch as it is sent. */
  ByteBuffer bytes() {
    if (bytes == null) {
      throw new IllegalStateException("the batch has no bytes");
    }
    return bytes;
  }

  /** Gives the batch its place in the producer's sequence of the partition. */
  void stamp(ProducerIdentity.Id id, int baseSequence) {
    RecordBatchBuilder.stampProducer(bytes(), id.producerId(), id.epoch(), baseSequence);
    progress.baseSequence = baseSequence;
  }

  /** Tells every receiver. Afterwards only the results are left. Once. */
  void resolve(long offset, @Nullable WeirException failure) {
    baseOffset = offset;
    error = failure;
    bytes = null;
    int from = 0;
    for (int i = 0; i < receivers.size(); i++) {
      receivers.get(i).onResolved(this, from, runEnds[i] - from);
      from = runEnds[i];
    }
  }

  /** Why the batch failed, or null. */
  @Nullable WeirException error() {
    return error;
  }

  long offsetOf(int index) {
    return baseOffset == SendResult.UNKNOWN_OFFSET ? baseOffset : baseOffset + index;
  }

  @Nullable Object correlationOf(int index) {
    return correlations == null || index >= correlations.length ? null : correlations[index];
  }

  private void remember(RunReceiver receiver, @Nullable Object correlation) {
    if (correlation != null) {
      if (correlations == null) {
        correlations = new Object[Math.max(FIRST_CORRELATIONS, recordCount + 1)];
      } else if (recordCount >= correlations.length) {
        correlations = Arrays.copyOf(correlations, recordCount * 2);
      }
      correlations[recordCount] = correlation;
    }
    recordCount++;
    int runs = receivers.size();
    if (runs == 0 || receivers.get(runs - 1) != receiver) {
      receivers.add(receiver);
      if (runs == runEnds.length) {
        runEnds = Arrays.copyOf(runEnds, runs * 2);
      }
      runs++;
    }
    runEnds[runs - 1] = recordCount;
  }

  private RecordBatchBuilder requireOpen() {
    if (builder == null) {
      throw new IllegalStateException("the batch is sealed");
    }
    return builder;
  }
}
