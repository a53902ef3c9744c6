package dev.weir.broker.campaign;

import java.util.HashMap;
import java.util.Map;

/** One pass over a partition in offset order, by whoever reads it; checks every record. */
final class Pass {
  private final PartitionHistory history;
  private final String reader;
  private final PartitionHistory.Ends told;
  private final Map<Integer, Long> last;
  private long next;
  private Mark mark;

  /** Where a pass can begin: the offset and the last counter of each sender below it. */
  record Mark(long offset, Map<Integer, Long> last) {
    static final Mark START = new Mark(0, Map.of());
  }

  /**
   * @param reader who reads, for messages
   * @param told how far clients had been told of records when the read began
   */
  Pass(PartitionHistory history, String reader, PartitionHistory.Ends told, Mark from) {
    this.history = history;
    this.reader = reader;
    this.told = told;
    this.next = from.offset();
    this.last = new HashMap<>(from.last());
    this.mark = from;
  }

  long next() {
    return next;
  }

  void onRecord(long offset, byte[] value) {
    Slot slot = history.slot();
    if (offset != next) {
      history
          .findings()
          .add(
              Anomaly.DAMAGED,
              "%s: offset %d follows %d in %s"
                  .formatted(slot.directory(), offset, next - 1, reader));
    }
    ValueId id = ValueId.decode(value);
    if (id == null) {
      history
          .findings()
          .add(
              Anomaly.FOREIGN,
              "%s offset %d is mangled in %s".formatted(slot.directory(), offset, reader));
    } else {
      history.check(offset, id, reader);
      checkOrder(offset, id);
    }
    next = offset + 1;
    if (next == told.acknowledged()) {
      mark = new Mark(next, Map.copyOf(last));
    }
  }

  private void checkOrder(long offset, ValueId id) {
    long expected = last.getOrDefault(id.sender(), -1L) + 1;
    if (id.counter() != expected) {
      Anomaly anomaly = id.counter() < expected ? Anomaly.DUPLICATED : Anomaly.REORDERED;
      history
          .findings()
          .add(
              anomaly,
              "%s offset %d in %s is %s, the sender's value %d was next"
                  .formatted(history.slot().directory(), offset, reader, id, expected));
    }
    last.merge(id.sender(), id.counter(), Math::max);
  }

  /** The log ends; returns where the next pass may begin: below it nothing can change. */
  Mark end() {
    history.checkEnd(next, told, reader);
    return mark;
  }
}
