package dev.weir.replication;

import dev.weir.core.loop.PartitionLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;

/** A loop on the test's thread whose tasks run, and whose clock advances, only when told to. */
final class ManualLoop implements PartitionLoop {
  private final Thread owner = Thread.currentThread();
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final PriorityQueue<Alarm> alarms =
      new PriorityQueue<>(Comparator.comparing(alarm -> alarm.due));
  private Duration now = Duration.ZERO;

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    Alarm alarm = new Alarm(now.plus(delay), task);
    alarms.add(alarm);
    return () -> alarms.remove(alarm);
  }

  @Override
  public boolean inLoop() {
    return Thread.currentThread() == owner;
  }

  void runAll() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  void advance(Duration by) {
    now = now.plus(by);
    while (!alarms.isEmpty() && alarms.peek().due.compareTo(now) <= 0) {
      alarms.remove().task.run();
      runAll();
    }
  }

  private record Alarm(Duration due, Runnable task) {}
}
