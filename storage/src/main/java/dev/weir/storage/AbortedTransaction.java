package dev.weir.storage;

/**
 * A transaction that was given up: the producer's transactional records between the two offsets are
 * not to be shown.
 *
 * @param firstOffset of the transaction in this partition
 * @param lastOffset of its abort marker
 * @param lastStableOffset at the time of the marker: every transaction that begins below it had
 *     ended by then (Kafka's meaning)
 */
public record AbortedTransaction(
    long producerId, long firstOffset, long lastOffset, long lastStableOffset) {
  /** Whether records of it may lie in the range. */
  boolean reaches(long fromOffset, long toOffsetExclusive) {
    return lastOffset >= fromOffset && firstOffset < toOffsetExclusive;
  }
}
