package dev.weir.transport.rsocket;

import java.util.concurrent.atomic.AtomicLong;

/** The bytes that wait for all sockets of a process together. Any thread. */
final class QueueBudget {
  private final AtomicLong queued = new AtomicLong();
  private final long limit;

  QueueBudget(long limitBytes) {
    this.limit = limitBytes;
  }

  void add(long bytes) {
    queued.addAndGet(bytes);
  }

  boolean hasRoom() {
    return queued.get() < limit;
  }

  long queued() {
    return queued.get();
  }
}
