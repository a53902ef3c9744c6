package dev.weir.broker.subscription;

import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** One subscription in the account of all. Any thread. */
public final class OpenSubscription {
  private final Subscriptions all;
  private final long id;
  private final Who who;
  private final WaitTimes waited = new WaitTimes();
  private final LongAdder conflated = new LongAdder();
  private long enteredNanos;
  private long lookedNanos;
  private boolean left;
  private @Nullable Progress progress;

  /**
   * What does not change.
   *
   * @param remoteAddress of the subscriber
   */
  public record Who(String remoteAddress, String route, String topic) {}

  OpenSubscription(Subscriptions all, long id, Who who) {
    this.all = all;
    this.id = id;
    this.who = who;
  }

  /** It begins. Does nothing after {@link #leave}. */
  public synchronized void enter(Progress begun) {
    if (!left) {
      progress = begun;
      enteredNanos = all.now();
      lookedNanos = enteredNanos;
      all.add(this);
    }
  }

  /** It has ended; may be called more than once. */
  public synchronized void leave() {
    left = true;
    all.remove(this);
    progress = null; // holds its partitions
  }

  public long id() {
    return id;
  }

  public Who who() {
    return who;
  }

  public synchronized WaitCause waitsFor() {
    return progress == null ? WaitCause.NOTHING : progress.waitsFor();
  }

  public synchronized long messages() {
    return progress == null ? 0 : progress.messages();
  }

  public synchronized List<Progress.Position> positions() {
    return progress == null ? List.of() : progress.positions();
  }

  public synchronized long ageNanos() {
    return all.now() - enteredNanos;
  }

  /** So many records were passed over because the subscriber was given newer ones of their keys. */
  public void countConflated(long records) {
    if (records > 0) {
      conflated.add(records);
      all.countConflated(records);
    }
  }

  public long conflated() {
    return conflated.sum();
  }

  public long nanos(WaitCause cause) {
    return waited.nanos(cause);
  }

  /** Puts the time since the last look down to what it waits for now. */
  synchronized void look() {
    if (progress == null) {
      return;
    }
    long now = all.now();
    WaitCause cause = progress.waitsFor();
    waited.add(cause, now - lookedNanos);
    all.count(cause, now - lookedNanos);
    lookedNanos = now;
  }
}
