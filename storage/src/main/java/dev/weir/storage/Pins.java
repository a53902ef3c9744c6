package dev.weir.storage;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts who still needs something: its owner, and every reader that has pinned it. When the last
 * one lets go, it is disposed of, once, on that one's thread. Any thread.
 */
final class Pins {
  private final AtomicInteger count = new AtomicInteger(1);
  private final Runnable dispose;

  Pins(Runnable dispose) {
    this.dispose = dispose;
  }

  /** The caller must hold a pin or be the owner. */
  void pin() {
    if (count.getAndUpdate(pins -> pins > 0 ? pins + 1 : pins) <= 0) {
      throw new IllegalStateException("pinned after it was disposed of");
    }
  }

  void unpin() {
    int left = count.decrementAndGet();
    if (left == 0) {
      dispose.run();
    } else if (left < 0) {
      throw new IllegalStateException("let go more often than pinned");
    }
  }
}
