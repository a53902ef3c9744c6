package dev.weir.storage;

import dev.weir.core.loop.PartitionLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * A loop that runs on the test's thread, and only when told to; it also stands for flush and read
 * threads.
 */
public final class QueueLoop implements PartitionLoop {
  private final Thread owner = Thread.currentThread();
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final Queue<Runnable> timers = new ArrayDeque<>();

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    timers.add(task);
    return () -> timers.remove(task);
  }

  /** As if the time of every timer had come. */
  public void runTimers() {
    tasks.addAll(timers);
    timers.clear();
    runAll();
  }

  @Override
  public boolean inLoop() {
    return Thread.currentThread() == owner;
  }

  /** Runs the next task; false when there is none. */
  public boolean runOne() {
    Runnable task = tasks.poll();
    if (task != null) {
      task.run();
    }
    return task != null;
  }

  /** Runs until nothing is queued. */
  public void runAll() {
    while (runOne()) {
      // the next one
    }
  }
}
