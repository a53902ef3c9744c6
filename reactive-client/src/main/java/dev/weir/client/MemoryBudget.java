package dev.weir.client;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes that the records of one producer hold. Nobody is refused: senders look at the room before
 * they ask their publishers for records, and wait here when there is none. Any thread.
 */
final class MemoryBudget {
  private final long limitBytes;
  private final long resumeBytes;
  private final AtomicLong used = new AtomicLong();
  private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>(); // one per sender at most

  /**
   * @param resumeBytes room there must be before those who wait are called
   */
  MemoryBudget(long limitBytes, long resumeBytes) {
    this.limitBytes = limitBytes;
    this.resumeBytes = resumeBytes;
  }

  long usedBytes() {
    return used.get();
  }

  /** Bytes that are free; negative when senders together took more than there is. */
  long room() {
    return limitBytes - used.get();
  }

  void take(long bytes) {
    used.addAndGet(bytes);
  }

  void give(long bytes) {
    used.addAndGet(-bytes);
    wakeIfRoom();
  }

  /** Calls back once when there is room again, perhaps at once. The callback must not block. */
  void awaitRoom(Runnable callback) {
    waiting.add(callback);
    wakeIfRoom(); // room that was given between the caller's look and the add
  }

  private void wakeIfRoom() {
    while (room() >= resumeBytes) {
      Runnable callback = waiting.poll();
      if (callback == null) {
        return;
      }
      callback.run();
    }
  }
}
