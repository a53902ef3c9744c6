package dev.weir.benchmarks;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * What this thread has used since it was made. Work in the page cache never waits, so its time on
 * the processor is what it takes on an idle machine, whoever else is busy.
 */
final class ThreadUse {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private ThreadUse() {}

  static long allocatedBytes() {
    return THREADS.getCurrentThreadAllocatedBytes();
  }

  static long cpuNanos() {
    return THREADS.getCurrentThreadCpuTime();
  }
}
