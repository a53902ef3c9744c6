package dev.weir.broker.partition;

import dev.weir.core.record.RecordHeader;
import dev.weir.core.record.RecordSizes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One record on its way into a partition.
 *
 * @param timestamp milliseconds since 1970; negative: when it is appended
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record SingleRecord(
    long timestamp, byte @Nullable [] key, byte @Nullable [] value, List<RecordHeader> headers) {
  /** What the record itself, its place in a queue and its listener take on the heap, roughly. */
  private static final int OVERHEAD_BYTES = 256;

  /** What the record limit counts, exactly as the check of a batch counts it. */
  public long bytes() {
    return RecordSizes.payload(key, value, headers);
  }

  /** What it counts against bounds of memory; even an empty record is not free. */
  public int cost() {
    return (int) Math.min(Integer.MAX_VALUE, bytes() + OVERHEAD_BYTES);
  }
}
