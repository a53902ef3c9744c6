package dev.weir.transport.rsocket;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Counts the bytes one connection has queued and not yet written, and holds back its streams while
 * there are too many. Any thread.
 *
 * <p>Room is given when the connection is below its mark and the process below its budget. A
 * connection with nothing queued always has room: it would have nobody to wake it.
 */
final class ByteLedger {
  private final AtomicLong queued = new AtomicLong();
  private final AtomicLong memory = new AtomicLong();
  private final AtomicBoolean evicted = new AtomicBoolean();
  private volatile @Nullable Evicted onEvicted;
  private final Queue<Runnable> waiters = new ConcurrentLinkedQueue<>();
  private final QueueBudget budget;
  private final long highMark;

  ByteLedger(QueueBudget budget, long highMarkBytes) {
    this.budget = budget;
    this.highMark = highMarkBytes;
  }

  /** Told once, on any thread, that the memory of what is queued is needed. */
  interface Evicted {
    void run(long memory);
  }

  /** From now on it may be evicted, until it is closed. */
  void onEvicted(Evicted listener) {
    onEvicted = listener;
    budget.register(this);
  }

  void close() {
    budget.unregister(this);
  }

  long memory() {
    return memory.get();
  }

  boolean isEvicted() {
    return evicted.get();
  }

  void evict() {
    Evicted listener = onEvicted;
    if (listener != null && evicted.compareAndSet(false, true)) {
      listener.run(memory.get());
    }
  }

  /** Returns the sum after the addition. */
  long add(long cost, long ofMemory) {
    memory.addAndGet(ofMemory);
    long sum = queued.addAndGet(cost);
    budget.add(cost, ofMemory);
    return sum;
  }

  void subtract(long cost, long ofMemory) {
    memory.addAndGet(-ofMemory);
    budget.add(-cost, -ofMemory);
    if (queued.addAndGet(-cost) <= highMark / 2) {
      wake();
    }
  }

  long queued() {
    return queued.get();
  }

  boolean hasRoom() {
    long now = queued.get();
    return now == 0 || (now < highMark && budget.hasRoom());
  }

  /** Runs the waiter once when there is room, possibly before this returns. */
  void awaitRoom(Runnable waiter) {
    waiters.add(waiter);
    // It may have been written while we registered.
    if (hasRoom()) {
      wake();
    }
  }

  private void wake() {
    while (hasRoom()) {
      Runnable waiter = waiters.poll();
      if (waiter == null) {
        return;
      }
      waiter.run();
    }
  }
}
