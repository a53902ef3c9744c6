package dev.weir.broker.route;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A bound in bytes, perhaps inside a larger one. Any thread. */
public final class ByteBudget {
  private final @Nullable ByteBudget parent;
  private final long limit;
  private final AtomicLong used = new AtomicLong();

  public ByteBudget(@Nullable ByteBudget parent, long limit) {
    this.parent = parent;
    this.limit = limit;
  }

  /** Takes the bytes unless a bound is reached; something always fits into an empty budget. */
  public boolean tryReserve(int bytes) {
    long before = used.getAndAdd(bytes);
    if (before > 0 && before + bytes > limit) {
      used.addAndGet(-bytes);
      return false;
    }
    if (parent != null && !parent.tryReserve(bytes)) {
      used.addAndGet(-bytes);
      return false;
    }
    return true;
  }

  /** Takes the bytes although a bound may be reached: they are in memory already. */
  public void reserve(int bytes) {
    used.addAndGet(bytes);
    if (parent != null) {
      parent.reserve(bytes);
    }
  }

  public void release(int bytes) {
    used.addAndGet(-bytes);
    if (parent != null) {
      parent.release(bytes);
    }
  }

  /** Whether no more should be asked for. */
  public boolean isReached() {
    return used.get() >= limit || (parent != null && parent.isReached());
  }

  public long used() {
    return used.get();
  }

  public long limit() {
    return limit;
  }
}
