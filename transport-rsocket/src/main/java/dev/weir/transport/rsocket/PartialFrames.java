package dev.weir.transport.rsocket;

import dev.weir.core.time.Time;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The memory of frames that have begun to come and not ended, on all connections of a process. What
 * does not fit is refused at once, never waited for: who waits would hold what it has already read.
 * When memory gets short, the frames that began longest ago go first, so that peers who begin
 * frames and never end them do not keep the others from sending. Any thread.
 */
final class PartialFrames {
  /** Each connection may hold so much without being counted here. */
  static final int FREE_BYTES = 4 * 1024;

  /** A frame that began not so long ago is left alone. */
  private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final long limit;
  private final Time time;

  /** In the order in which their frames began. */
  private final Set<Share> shares = new LinkedHashSet<>();

  private long held;

  PartialFrames(long limitBytes, Time time) {
    this.limit = limitBytes;
    this.time = time;
  }

  /** What one connection holds; used on its event loop. */
  final class Share {
    private final Runnable onEvicted;
    private int bytes;
    private long since;
    private boolean evicted;

    private Share(Runnable onEvicted) {
      this.onEvicted = onEvicted;
    }

    /** Whether a buffer of so many bytes may be made, in place of the one there is. */
    boolean tryHold(int capacity) {
      return (capacity <= FREE_BYTES && bytes == 0) || PartialFrames.this.tryHold(this, capacity);
    }

    /** Whether the frame that is held now has to go. */
    boolean isEvicted() {
      synchronized (PartialFrames.this) {
        return evicted;
      }
    }

    /** The frame has ended, one way or the other. */
    void release() {
      if (bytes > 0) {
        PartialFrames.this.release(this);
      }
    }
  }

  /**
   * For one connection.
   *
   * @param onEvicted its unfinished frame has to go; on any thread
   */
  Share share(Runnable onEvicted) {
    return new Share(onEvicted);
  }

  /** Counted bytes now. */
  synchronized long held() {
    return held;
  }

  private boolean tryHold(Share share, int capacity) {
    List<Share> victims = new ArrayList<>(0);
    boolean fits;
    synchronized (this) {
      // One frame always fits, or a limit below its size would stop everything.
      fits = held - share.bytes + capacity <= limit || held == share.bytes;
      if (fits) {
        if (share.bytes == 0) {
          share.since = time.nanos();
          shares.add(share);
        }
        held += capacity - share.bytes;
        share.bytes = capacity;
      }
      if (!fits || held > limit / 2) {
        chooseVictims(share, capacity, victims);
      }
    }
    victims.forEach(victim -> victim.onEvicted.run());
    return fits;
  }

  private void chooseVictims(Share asking, int capacity, List<Share> victims) {
    long leaving = 0;
    long now = time.nanos();
    for (Iterator<Share> each = shares.iterator(); each.hasNext(); ) {
      Share share = each.next();
      if (now - share.since < GRACE_NANOS || held - leaving + capacity <= limit / 2) {
        return;
      }
      if (share != asking && !share.evicted) {
        share.evicted = true;
        victims.add(share);
      }
      leaving += share.evicted ? share.bytes : 0;
    }
  }

  private synchronized void release(Share share) {
    held -= share.bytes;
    share.bytes = 0;
    share.evicted = false;
    shares.remove(share);
  }
}
