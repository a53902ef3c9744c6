package dev.weir.client;

import dev.weir.core.loop.PartitionLoop;
import dev.weir.core.time.Time;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;

/** A loop whose clock is set by hand; its tasks run in {@link #run} and {@link #pass}. */
final class HandLoop implements PartitionLoop, Time {
  private static final class Alarm implements Timer {
    private final long at;
    private final long number;
    private final Runnable task;
    private boolean cancelled;

    Alarm(long at, long number, Runnable task) {
      this.at = at;
      this.number = number;
      this.task = task;
    }

    @Override
    public void cancel() {
      cancelled = true;
    }
  }

  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final PriorityQueue<Alarm> alarms =
      new PriorityQueue<>(
          Comparator.<Alarm>comparingLong(each -> each.at).thenComparingLong(each -> each.number));
  private long nanos;
  private long numbers;

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    Alarm alarm = new Alarm(nanos + delay.toNanos(), numbers++, task);
    alarms.add(alarm);
    return alarm;
  }

  @Override
  public boolean inLoop() {
    return true;
  }

  @Override
  public long wallMillis() {
    return nanos / 1_000_000;
  }

  @Override
  public long nanos() {
    return nanos;
  }

  /** Runs what is queued. */
  void run() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  /** Lets time pass, alarm by alarm. */
  void pass(Duration time) {
    long end = nanos + time.toNanos();
    run();
    while (!alarms.isEmpty() && alarms.peek().at <= end) {
      Alarm next = alarms.poll();
      nanos = Math.max(nanos, next.at);
      if (!next.cancelled) {
        next.task.run();
        run();
      }
    }
    nanos = end;
  }
}
