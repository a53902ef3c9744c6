package dev.weir.core.loop;

import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * A single thread on which partitions live: everything mutable of a partition is touched only here,
 * so it needs no locks. Tasks run one at a time, in the order in which each thread handed them in.
 *
 * <p>The queue is unbounded by itself; what bounds it is that every kind of task is rationed at its
 * source (producer credit, fetch demand, one flush in flight per log).
 */
public interface PartitionLoop extends Executor {
  /** A timer that has been set. */
  interface Timer {
    /**
     * Prevents the task from running if it has not started. In the loop only; may be called again.
     */
    void cancel();
  }

  /**
   * Runs the task soon. Callable from any thread, never blocks.
   *
   * @throws java.util.concurrent.RejectedExecutionException the loop has stopped
   */
  @Override
  void execute(Runnable task);

  /** Runs the task in the loop after the delay. In the loop only. */
  Timer schedule(Duration delay, Runnable task);

  /** Whether the caller is this loop's thread. */
  boolean inLoop();

  /** First line of every mutator: throws IllegalStateException outside the loop. */
  default void assertInLoop() {
    if (!inLoop()) {
      throw new IllegalStateException(
          "called on " + Thread.currentThread().getName() + ", not on " + this);
    }
  }
}
