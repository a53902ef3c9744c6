package dev.weir.broker.record;

import dev.weir.core.record.RecordCursor;
import dev.weir.core.record.RecordHeader;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which records a subscriber wants: those with one of the keys, if any are named, that have all the
 * headers. The others are passed over in the broker and use up no demand. Immutable.
 */
record RecordFilter(Set<ByteBuffer> keys, List<HeaderMatch> headers) {
  /** Wants every record. */
  static final RecordFilter ALL = new RecordFilter(Set.of(), List.of());

  /**
   * A header the record must have; of several with one name any may match.
   *
   * @param prefix whether the value need only begin so
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record HeaderMatch(String name, byte[] value, boolean prefix) {
    boolean matches(RecordHeader header) {
      byte @Nullable [] actual = header.value();
      return actual != null
          && header.key().equals(name)
          && (prefix
              ? actual.length >= value.length
                  && Arrays.equals(actual, 0, value.length, value, 0, value.length)
              : Arrays.equals(actual, value));
    }
  }

  RecordFilter {
    keys = Set.copyOf(keys);
    headers = List.copyOf(headers);
  }

  /** Of the cursor's current record. */
  boolean accepts(RecordCursor record) {
    return acceptsKey(record) && acceptsHeaders(record);
  }

  private boolean acceptsKey(RecordCursor record) {
    if (keys.isEmpty()) {
      return true;
    }
    @Nullable ByteBuffer key = record.key();
    return key != null && keys.contains(key);
  }

  private boolean acceptsHeaders(RecordCursor record) {
    if (headers.isEmpty()) {
      return true;
    }
    if (record.headerCount() == 0) {
      return false;
    }
    List<RecordHeader> actual = record.headers();
    return headers.stream().allMatch(wanted -> actual.stream().anyMatch(wanted::matches));
  }
}
