package dev.weir.transport.rsocket;

import java.util.concurrent.atomic.AtomicInteger;

/** The streams that are open on all connections of a process together. Any thread. */
final class StreamBudget {
  private final int most;
  private final AtomicInteger open = new AtomicInteger();

  StreamBudget(int most) {
    this.most = most;
  }

  boolean tryOpen() {
    if (open.incrementAndGet() > most) {
      open.decrementAndGet();
      return false;
    }
    return true;
  }

  void close(int streams) {
    open.addAndGet(-streams);
  }

  int open() {
    return open.get();
  }

  int most() {
    return most;
  }
}
