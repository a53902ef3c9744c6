package dev.weir.broker.route;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
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

  public void release(int bytes) {
    used.addAndGet(-bytes);
    if (parent != null) {
      parent.release(bytes);
    }
  }

  /** Whether no more should be asked for: the other half is for what has been asked for already. */
  boolean isHalfUsed() {
    return used.get() >= limit / 2 || (parent != null && parent.isHalfUsed());
  }

  long smallestLimit() {
    return parent == null ? limit : Math.min(limit, parent.smallestLimit());
  }

  /** Why something was refused. */
  public WeirException overloaded() {
    return new WeirException(
        ErrorCode.OVERLOADED,
        "%d bytes of this connection wait for their partitions; its limit is %d and that of all is %d"
            .formatted(used.get(), limit, parent == null ? limit : parent.limit));
  }

  public long used() {
    return used.get();
  }
}
