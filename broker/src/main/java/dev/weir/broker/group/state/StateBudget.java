package dev.weir.broker.group.state;

import java.util.concurrent.atomic.AtomicLong;

/** The memory that the groups of all shards of a broker may take together. Any thread. */
public final class StateBudget {
  private final long limit;
  private final AtomicLong used = new AtomicLong();

  public StateBudget(long limit) {
    this.limit = limit;
  }

  /** What is in a log has to be in memory, bound or not. */
  void add(long bytes) {
    used.addAndGet(bytes);
  }

  boolean hasRoomFor(long bytes) {
    return used.get() + bytes <= limit;
  }

  public long used() {
    return used.get();
  }

  public long limit() {
    return limit;
  }
}
