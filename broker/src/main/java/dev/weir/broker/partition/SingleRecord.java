package dev.weir.broker.partition;

import dev.weir.core.record.RecordHeader;
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

  /** What it counts against bounds. */
  public int bytes() {
    int bytes = (key == null ? 0 : key.length) + (value == null ? 0 : value.length);
    for (RecordHeader header : headers) {
      bytes += header.key().length() + (header.value() == null ? 0 : header.value().length);
    }
    return bytes;
  }
}
