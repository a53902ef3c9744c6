package dev.weir.replication;

import java.util.ArrayList;
import java.util.List;

/**
 * Readers that have reached the high watermark and want to be woken beyond it. In the partition's
 * loop only.
 */
final class Waiters {
  private List<Entry> entries = new ArrayList<>();

  Waiter add(long offset, Runnable wakeUp) {
    Entry entry = new Entry(offset, wakeUp);
    entries.add(entry);
    return entry;
  }

  /** Wakes those whose offset is below the new limit. */
  void wakeBelow(long limitExclusive) {
    if (entries.isEmpty()) {
      return;
    }
    List<Entry> candidates = entries;
    entries = new ArrayList<>(); // a reader that is woken may wait again at once
    for (Entry entry : candidates) {
      if (entry.offset >= limitExclusive) {
        entries.add(entry);
      }
    }
    for (Entry entry : candidates) {
      if (entry.offset < limitExclusive && !entry.cancelled) {
        entry.wakeUp.run();
      }
    }
  }

  void wakeAll() {
    wakeBelow(Long.MAX_VALUE);
  }

  int size() {
    return entries.size();
  }

  private final class Entry implements Waiter {
    private final long offset;
    private final Runnable wakeUp;
    private boolean cancelled;

    Entry(long offset, Runnable wakeUp) {
      this.offset = offset;
      this.wakeUp = wakeUp;
    }

    @Override
    public void cancel() {
      if (!cancelled) {
        cancelled = true;
        entries.remove(this);
      }
    }
  }
}
