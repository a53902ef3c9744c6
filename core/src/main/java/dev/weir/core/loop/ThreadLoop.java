package dev.weir.core.loop;

import java.time.Duration;
import java.util.PriorityQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jctools.queues.atomic.MpscUnboundedAtomicArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * A partition loop on a thread of its own.
 *
 * <p>Parking protocol: the loop publishes {@code parked = true}, looks at the queue once more, then
 * parks; a submitter adds first and looks at {@code parked} second. Both are sequentially
 * consistent, so either the loop sees the task or the submitter sees the flag.
 */
public final class ThreadLoop implements PartitionLoop, AutoCloseable {
  private static final int QUEUE_CHUNK = 1024;

  /** A queue that never runs empty must not starve the timers. */
  private static final int TASKS_BETWEEN_TIMERS = 64;

  private static final int CANCELLED_TIMERS_KEPT = 64;

  /** As good as never; two times can still be compared by their difference. */
  private static final Duration LONGEST_DELAY = Duration.ofNanos(Long.MAX_VALUE / 2);

  private final MpscUnboundedAtomicArrayQueue<Runnable> tasks =
      new MpscUnboundedAtomicArrayQueue<>(QUEUE_CHUNK);
  private final PriorityQueue<ScheduledTask> timers = new PriorityQueue<>();
  private final Consumer<Throwable> onUncaught;
  private final Thread thread;
  private volatile boolean parked;
  private volatile boolean stopping;
  private long timerSequence;
  private int cancelledTimers;

  /**
   * Starts the loop.
   *
   * @param name the thread's name
   * @param onUncaught told in the loop about a task that threw; the loop goes on
   */
  public ThreadLoop(String name, Consumer<Throwable> onUncaught) {
    this.onUncaught = onUncaught;
    this.thread = new Thread(this::run, name);
    this.thread.setDaemon(true);
    this.thread.start();
  }

  @Override
  public void execute(Runnable task) {
    if (stopping && !inLoop()) {
      throw new RejectedExecutionException(thread.getName() + " has stopped");
    }
    tasks.offer(task);
    if (parked) {
      LockSupport.unpark(thread);
    }
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    assertInLoop();
    Duration bounded = delay.compareTo(LONGEST_DELAY) > 0 ? LONGEST_DELAY : delay;
    ScheduledTask timer =
        new ScheduledTask(System.nanoTime() + bounded.toNanos(), timerSequence++, task);
    timers.add(timer);
    return timer;
  }

  @Override
  public boolean inLoop() {
    return Thread.currentThread() == thread;
  }

  /**
   * Runs what is queued, then ends the thread; waits for it at most 10 s. Timers that are not due
   * are dropped, and so may be a task that is handed in at the same moment: stop the sources first.
   */
  @Override
  public void close() {
    stopping = true;
    LockSupport.unpark(thread);
    if (!inLoop()) {
      try {
        thread.join(TimeUnit.SECONDS.toMillis(10));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public String toString() {
    return thread.getName();
  }

  private void run() {
    int sinceTimers = 0;
    while (true) {
      Runnable task = tasks.poll();
      if (task != null && sinceTimers < TASKS_BETWEEN_TIMERS) {
        sinceTimers++;
        runSafely(task);
      } else if (task != null) {
        sinceTimers = 0;
        runDueTimers();
        runSafely(task);
      } else {
        sinceTimers = 0;
        long wait = runDueTimers();
        if (stopping && tasks.isEmpty()) {
          return;
        }
        park(wait);
      }
    }
  }

  private void park(long nanos) {
    parked = true;
    if (tasks.isEmpty() && !stopping) {
      if (nanos == Long.MAX_VALUE) {
        LockSupport.park(this);
      } else if (nanos > 0) {
        LockSupport.parkNanos(this, nanos);
      }
    }
    parked = false;
  }

  /**
   * Runs the timers that are due and returns the nanoseconds until the next one. A timer that sets
   * another without delay does not keep the tasks waiting: that one is due in the next round.
   */
  private long runDueTimers() {
    long now = System.nanoTime();
    while (true) {
      @Nullable ScheduledTask next = timers.peek();
      if (next == null) {
        return Long.MAX_VALUE;
      }
      if (!next.cancelled && next.dueNanos - now > 0) {
        return next.dueNanos - System.nanoTime();
      }
      timers.poll();
      if (next.cancelled) {
        cancelledTimers--;
      } else {
        next.started = true;
        runSafely(next.task);
      }
    }
  }

  /** Most deadlines are met, so most timers are cancelled long before they are due. */
  private void onCancelled() {
    cancelledTimers++;
    if (cancelledTimers > CANCELLED_TIMERS_KEPT && cancelledTimers > timers.size() / 2) {
      timers.removeIf(timer -> timer.cancelled);
      cancelledTimers = 0;
    }
  }

  private void runSafely(Runnable task) {
    try {
      task.run();
    } catch (Throwable t) {
      report(t);
    }
  }

  /** A reporter that fails must not end the loop: partitions live here. */
  private void report(Throwable failure) {
    try {
      onUncaught.accept(failure);
    } catch (Throwable alsoFailed) {
      failure.addSuppressed(alsoFailed);
      thread.getUncaughtExceptionHandler().uncaughtException(thread, failure);
    }
  }

  private final class ScheduledTask implements Timer, Comparable<ScheduledTask> {
    private final long dueNanos;
    private final long sequence;
    private final Runnable task;
    private boolean started;
    private boolean cancelled;

    ScheduledTask(long dueNanos, long sequence, Runnable task) {
      this.dueNanos = dueNanos;
      this.sequence = sequence;
      this.task = task;
    }

    @Override
    public void cancel() {
      if (!started && !cancelled) {
        cancelled = true;
        onCancelled();
      }
    }

    @Override
    public int compareTo(ScheduledTask other) {
      int byTime = Long.compare(dueNanos - other.dueNanos, 0);
      return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
    }
  }
}
