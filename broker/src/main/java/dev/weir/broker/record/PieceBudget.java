package dev.weir.broker.record;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bound, in bytes, of all pieces of partitions that record-level subscribers hold in memory.
 * Who wants to read waits for its share, in order; what is held without being used is given back,
 * longest unused first, as soon as somebody waits. Something always fits into an empty budget. Any
 * thread.
 *
 * <p>Nobody waits for ever: a holder is either idle, and then gives way, or able to go on by
 * itself, and then releases. What slow subscribers {@linkplain #tryKeep keep} is neither, and has a
 * share of its own therefore.
 */
final class PieceBudget {
  private static final Logger LOG = LoggerFactory.getLogger(PieceBudget.class);

  /** Something in memory that nobody uses now. */
  interface Idle {
    /**
     * Gives its bytes back through {@link #release}. At most once for each {@link #offer}, and
     * never after a {@link #withdraw} that returned true. Must not block.
     */
    void reclaim();
  }

  private record Waiting(int bytes, Runnable granted) {}

  /** What may be kept is so small a part of all. */
  private static final int KEPT_PART = 4;

  private final long limit;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private final Set<Idle> idle = new LinkedHashSet<>();
  private long used; // what is kept included
  private long kept;
  private boolean granting;

  PieceBudget(long limitBytes) {
    this.limit = limitBytes;
  }

  /** Takes the bytes and runs the action, here or later on the thread of who gives way. */
  void acquire(int bytes, Runnable granted) {
    synchronized (this) {
      waiting.add(new Waiting(bytes, granted));
    }
    grant();
  }

  /** Takes the bytes if they are there; takes them from nobody. */
  synchronized boolean tryAcquire(int bytes) {
    if (!waiting.isEmpty() || used + bytes > limit) {
      return false;
    }
    used += bytes;
    return true;
  }

  void release(int bytes) {
    synchronized (this) {
      used -= bytes;
    }
    grant();
  }

  /**
   * Takes the bytes for something that is not given back on demand, from what nobody uses if need
   * be.
   *
   * @return false when as much as possible is kept already, or all is in use
   */
  boolean tryKeep(int bytes) {
    while (true) {
      @Nullable Idle unused;
      synchronized (this) {
        if (kept + bytes > limit / KEPT_PART) {
          return false;
        }
        if (used + bytes <= limit) {
          used += bytes;
          kept += bytes;
          return true;
        }
        unused = pollIdle();
      }
      if (unused == null) {
        return false;
      }
      unused.reclaim();
    }
  }

  void releaseKept(int bytes) {
    synchronized (this) {
      kept -= bytes;
    }
    release(bytes);
  }

  /** The bytes it holds may be asked back from now on. */
  void offer(Idle unused) {
    synchronized (this) {
      idle.add(unused);
    }
    grant();
  }

  /** It is in use again; false when it has been asked back already. */
  synchronized boolean withdraw(Idle used) {
    return idle.remove(used);
  }

  /** Bytes in memory now. */
  synchronized long used() {
    return used;
  }

  /** Reads that wait for their share. */
  synchronized int waiting() {
    return waiting.size();
  }

  /** One thread at a time works off what has become possible; what others add, it sees. */
  private void grant() {
    synchronized (this) {
      if (granting) {
        return;
      }
      granting = true;
    }
    for (Runnable step = nextStep(); step != null; step = nextStep()) {
      try {
        step.run();
      } catch (RuntimeException e) {
        LOG.error("a read could not begin, or end, with its share of the memory", e);
      }
    }
  }

  private synchronized @Nullable Runnable nextStep() {
    @Nullable Waiting next = waiting.peek();
    if (next != null && (used == kept || used + next.bytes <= limit)) {
      waiting.remove();
      used += next.bytes;
      return next.granted;
    }
    @Nullable Idle unused = next == null ? null : pollIdle();
    if (unused != null) {
      return unused::reclaim;
    }
    granting = false;
    return null;
  }

  /** The longest unused; the lock is held. */
  private @Nullable Idle pollIdle() {
    Iterator<Idle> eldest = idle.iterator();
    if (!eldest.hasNext()) {
      return null;
    }
    Idle unused = eldest.next();
    eldest.remove();
    return unused;
  }
}
