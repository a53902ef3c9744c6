package dev.weir.broker.campaign;

import java.util.HashMap;
import java.util.Map;

/**
 * What happened on one partition as its clients know it: kept in this process, out of reach of the
 * faults. Any thread.
 */
final class PartitionHistory {
  private final Slot slot;
  private final Findings findings;
  private final OffsetTable acknowledged = new OffsetTable();
  private final OffsetTable seen = new OffsetTable();
  private final Map<Integer, Long> sent = new HashMap<>();
  private long acknowledgements;
  private long nextToSee;

  PartitionHistory(Slot slot, Findings findings) {
    this.slot = slot;
    this.findings = findings;
  }

  Slot slot() {
    return slot;
  }

  /** The sender's next value. */
  synchronized ValueId next(int sender) {
    long counter = sent.merge(sender, 1L, Long::sum) - 1;
    return new ValueId(sender, slot.number(), counter);
  }

  synchronized void onAcknowledged(ValueId id, long offset) {
    long before = acknowledged.at(offset);
    if (before != 0 && before != id.packed()) {
      findings.add(
          Anomaly.LOST,
          "%s offset %d was acknowledged for %s, then for %s"
              .formatted(slot.directory(), offset, ValueId.describe(before), id));
    }
    acknowledged.put(offset, id.packed());
    acknowledgements++;
  }

  /** A consumer that follows the log got this. */
  synchronized void onSeen(long offset, byte[] value) {
    if (offset != nextToSee) {
      findings.add(
          Anomaly.LOST,
          "%s: a reader got offset %d instead of %d"
              .formatted(slot.directory(), offset, nextToSee));
    }
    nextToSee = offset + 1;
    ValueId id = ValueId.decode(value);
    if (id == null) {
      findings.add(Anomaly.FOREIGN, slot.directory() + " offset " + offset + " is mangled");
    } else {
      seen.put(offset, id.packed());
    }
  }

  /** Compares what is at the offset with what clients were told. */
  synchronized void check(long offset, ValueId id, String where) {
    String at = slot.directory() + " offset " + offset + " in " + where + " is " + id;
    if (id.slot() != slot.number() || id.counter() >= sent.getOrDefault(id.sender(), 0L)) {
      findings.add(Anomaly.FOREIGN, at);
    }
    long acked = acknowledged.at(offset);
    if (acked != 0 && acked != id.packed()) {
      findings.add(Anomaly.LOST, at + " but was acknowledged to be " + ValueId.describe(acked));
    }
    long read = seen.at(offset);
    if (read != 0 && read != id.packed()) {
      findings.add(Anomaly.VANISHED_AFTER_READ, at + " but a reader got " + ValueId.describe(read));
    }
  }

  /** The log ends here: nobody may have been told of more before that was looked up. */
  synchronized void checkEnd(long end, Ends told, String where) {
    for (long offset = end; offset < told.acknowledged(); offset++) {
      if (acknowledged.at(offset) != 0) {
        findings.add(
            Anomaly.LOST,
            "%s ends at %d in %s, acknowledged offset %d is missing"
                .formatted(slot.directory(), end, where, offset));
      }
    }
    for (long offset = end; offset < told.seen(); offset++) {
      findings.add(
          Anomaly.VANISHED_AFTER_READ,
          "%s ends at %d in %s, a reader got offset %d"
              .formatted(slot.directory(), end, where, offset));
    }
  }

  /** How far clients were told of records, one past the last. */
  record Ends(long acknowledged, long seen) {}

  synchronized Ends ends() {
    return new Ends(acknowledged.end(), seen.end());
  }

  synchronized long acknowledgements() {
    return acknowledgements;
  }

  synchronized long sent() {
    return sent.values().stream().mapToLong(Long::longValue).sum();
  }

  Findings findings() {
    return findings;
  }
}
