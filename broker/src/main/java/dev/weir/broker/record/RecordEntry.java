package dev.weir.broker.record;

import dev.weir.core.record.RecordHeader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a producer says of its record beside the value, in the metadata entry {@code
 * application/x.weir.record+json}.
 *
 * @param partition −1: the broker chooses, by key
 * @param timestamp milliseconds since 1970; −1: when it is appended
 * @param tombstone the value is null, not empty
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record RecordEntry(
    int partition,
    long timestamp,
    byte @Nullable [] key,
    List<RecordHeader> headers,
    boolean tombstone) {
  static final RecordEntry NONE = new RecordEntry(-1, -1, null, List.of(), false);
}
