package dev.weir.transport.rsocket;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What waits for all sockets of a process together. Two bounds: above the first, connections that
 * have something queued are asked for no more; memory above the second is taken back from the
 * connection that holds most of it, by closing it. Any thread.
 */
final class QueueBudget {
  private final AtomicLong queued = new AtomicLong();
  private final AtomicLong memory = new AtomicLong();
  private final Set<ByteLedger> ledgers = ConcurrentHashMap.newKeySet();
  private final long limit;
  private final long memoryLimit;
  private final TransportCounters counters;

  QueueBudget(long limitBytes, long memoryLimitBytes, TransportCounters counters) {
    this.counters = counters;
    this.limit = limitBytes;
    this.memoryLimit = memoryLimitBytes;
  }

  void register(ByteLedger ledger) {
    ledgers.add(ledger);
  }

  void unregister(ByteLedger ledger) {
    ledgers.remove(ledger);
  }

  void add(long bytes, long ofMemory) {
    queued.addAndGet(bytes);
    if (memory.addAndGet(ofMemory) > memoryLimit && ofMemory > 0) {
      evict();
    }
  }

  /** One at a time, or each would close another connection for the same bytes. */
  private synchronized void evict() {
    long staying = memory.get();
    for (ByteLedger ledger : ledgers) {
      staying -= ledger.isEvicted() ? ledger.memory() : 0;
    }
    while (staying > memoryLimit) {
      ByteLedger largest = largest();
      if (largest == null) {
        return;
      }
      staying -= largest.memory();
      counters.outOfMemory.increment();
      largest.evict();
    }
  }

  private @Nullable ByteLedger largest() {
    ByteLedger largest = null;
    for (ByteLedger ledger : ledgers) {
      boolean larger = largest == null || ledger.memory() > largest.memory();
      if (larger && !ledger.isEvicted()) {
        largest = ledger;
      }
    }
    return largest;
  }

  boolean hasRoom() {
    return queued.get() < limit;
  }

  long queued() {
    return queued.get();
  }

  long memory() {
    return memory.get();
  }
}
