package dev.weir.transport.rsocket;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the bytes one connection has queued and not yet written, and holds back its streams while
 * there are too many. Any thread.
 *
 * <p>Room is given when the connection is below its mark and the process below its budget. A
 * connection with nothing queued always has room: it would have nobody to wake it.
 */
final class ByteLedger {
  private final AtomicLong queued = new AtomicLong();
  private final Queue<Runnable> waiters = new ConcurrentLinkedQueue<>();
  private final QueueBudget budget;
  private final long highMark;

  ByteLedger(QueueBudget budget, long highMarkBytes) {
    this.budget = budget;
    this.highMark = highMarkBytes;
  }

  /** Returns the sum after the addition. */
  long add(long bytes) {
    budget.add(bytes);
    return queued.addAndGet(bytes);
  }

  void subtract(long bytes) {
    budget.add(-bytes);
    if (queued.addAndGet(-bytes) <= highMark / 2) {
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
