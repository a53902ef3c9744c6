package dev.weir.broker.http;

import dev.weir.core.time.Time;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;

/** How long the tasks of an executor took; sums that only rise. Any thread. */
public final class FlushTimes {
  private final LongAdder count = new LongAdder();
  private final LongAdder nanos = new LongAdder();

  /** An executor that is measured here. */
  public Executor measuring(Executor executor, Time time) {
    return task ->
        executor.execute(
            () -> {
              long start = time.nanos();
              try {
                task.run();
              } finally {
                nanos.add(time.nanos() - start);
                count.increment();
              }
            });
  }

  long count() {
    return count.sum();
  }

  long totalNanos() {
    return nanos.sum();
  }
}
